"""Hand-built reports, for what no real training shows on demand."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Fact, Layer, Parameter
from trainvitals_wire.report import Report

MakeReport = Callable[..., Report]


def parameter(name: str, *shape: int, trainable: bool = True, in_optimizer: bool = True) -> Parameter:
    """A parameter record."""
    return {
        "name": name,
        "shape": list(shape),
        "dtype": "float32",
        "trainable": trainable,
        "in_optimizer": in_optimizer,
    }


def linear(name: str, order: int, inputs: int = 16, outputs: int = 16, **state: bool) -> Layer:
    """The record of a linear layer without bias."""
    return {
        "name": name,
        "type": "Linear",
        "order": order,
        "output_shape": [32, outputs],
        "parameters": [parameter(f"{name}.weight", outputs, inputs, **state)],
    }


@pytest.fixture
def report() -> MakeReport:
    """`report({key: values}, first_step=0, layers=..., facts=...)`: one report with one frame."""
    sequence = 0

    def make(
        series: Mapping[str, Sequence[float]] | None = None,
        first_step: int = 0,
        layers: Sequence[Layer] | None = None,
        facts: Sequence[Fact] = (),
    ) -> Report:
        nonlocal sequence
        sequence += 1
        frames: tuple[Frame, ...] = ()
        if series:
            values = np.array(list(series.values()), np.float64).T
            steps = np.arange(first_step, first_step + len(values))
            frames = (Frame(tuple(series), steps, 1.7e9 + steps.astype(np.float64), values),)
        return Report("writer", sequence, frames, layers=tuple(layers) if layers else None, facts=tuple(facts))

    return make
