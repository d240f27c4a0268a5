"""Liveness of units against the whole outputs of a window of steps."""

import numpy as np
import pytest
from training import STEPS, Record
from truth import Array

WINDOW_STEPS = 16


def alive(output: Array) -> np.ndarray:
    """Which units were positive somewhere: channels of images, else features."""
    unit = 1 if output.ndim == 4 else output.ndim - 1
    found: np.ndarray = (output > 0).any(axis=tuple(axis for axis in range(output.ndim) if axis != unit))
    return found


def silent(record: Record, owner: str, step: int) -> float:
    window = record.steps[max(0, step + 1 - WINDOW_STEPS) : step + 1]
    return 1 - float(np.logical_or.reduce([alive(past.outputs[owner]) for past in window]).mean())


@pytest.mark.parametrize("statistic", ["dead_unit_fraction", "nonpositive_unit_fraction"])
def test_units_never_positive_are_counted_exactly(seen: Record, statistic: str) -> None:
    checked = 0
    for owner in seen.steps[0].outputs:
        for step, told in seen.told(statistic, owner).items():
            assert told == pytest.approx(silent(seen, owner, step), abs=1e-6), (owner, step)
            checked += 1
    assert checked or (seen.name.startswith("squashing") and statistic == "dead_unit_fraction")


@pytest.mark.parametrize(
    ("training", "before", "layer", "share"),
    [
        ("mlp-adamw", "2", "3", 40 / 256),
        ("cnn-momentum", "stages.1.0.norm1", "stages.1.0.relu", 5 / 32),
        ("gpt-adamw", "blocks.1.mlp.0", "blocks.1.mlp.1", 30 / 512),
    ],
    indirect=["training"],
)
def test_planted_dead_units_are_found_before_and_behind_the_rectifier(
    training: Record, before: str, layer: str, share: float
) -> None:
    assert training.told("dead_unit_fraction", layer)[STEPS - 1] == pytest.approx(share)
    assert training.told("nonpositive_unit_fraction", before)[STEPS - 1] == pytest.approx(share)


def test_no_layer_is_called_dead_that_does_not_rectify(seen: Record) -> None:
    rectifying = {name for name, module in seen.model.named_modules() if type(module).__name__ in ("ReLU", "GELU")}
    assert {owner for owner in seen.steps[0].outputs if seen.told("dead_unit_fraction", owner)} == rectifying
