"""Recurrences, by hand or PyTorch's own: how long they are, how long they may wait, and what fades in them."""

import math
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.recurrence import time_steps
from trainvitals_wire.records import Fact, Layer, Warnings

LABELS: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"classes": 10}}  # type: ignore[typeddict-unknown-key]
UNITS, TIMES = 16, 20
AT_CHANCE = math.log(10) + np.random.default_rng(0).normal(0, 0.05, 700)
BY_HAND = [linear("fresh", 0), linear("kept", 1), linear("out", 2, outputs=10)]


def layer(kind: str, shape: list[int] | None, **attributes: Any) -> Layer:
    return {**linear("own", 0), "type": kind, "output_shape": shape, "attributes": attributes}  # type: ignore[typeddict-item]


def wiring(times: int = TIMES, function: str | None = "Sigmoid") -> Fact:
    squashed = {"kept.weight": function} if function else {}
    return {
        "kind": "wiring",
        "step": 0,
        "details": {"pairs": [], "repeated": {"kept.weight": times}, "repeated_squashed": squashed},
    }


def judged(
    report: MakeReport,
    loss: np.ndarray,
    *facts: Fact,
    gain: float = 1.0,
    ratio: float = 1e-3,
    held_out: np.ndarray | None = None,
) -> Warnings:
    weights = [entry["parameters"][0]["name"] for entry in BY_HAND]
    series = {
        "loss": loss,
        "weight_std/kept.weight": np.full(len(loss), gain / math.sqrt(UNITS)),
        **{f"gradient_norm/{name}": np.full(len(loss), 0.1) for name in weights},
        **{f"update_ratio/{name}": np.full(len(loss), ratio) for name in weights},
    }
    if held_out is not None:
        series["val_loss"] = held_out
    judge = Judge()
    judge.add(report(series, layers=BY_HAND, facts=[LABELS, *facts]))
    return judge.evaluate()


def told(found: Warnings) -> list[tuple[str, str]]:
    """Rule and severity of what is more than a note."""
    return [(entry["rule"], entry["severity"]) for entry in found["warnings"] if entry["severity"] != "note"]


@pytest.mark.parametrize(
    ("own", "repeated", "steps"),
    [
        (layer("LSTM", [32, 30, 8], batch_first=True), {}, 30),
        (layer("LSTM", [30, 32, 8], batch_first=False), {}, 30),
        (layer("GRU", [64, 30, 8]), {}, 30),
        (layer("LSTM", [900, 8], batch_first=True), {}, 0),
        (layer("LSTM", None), {}, 0),
        (layer("GRUCell", [32, 8]), {"own.weight": 12}, 12),
        (layer("Linear", [32, 30, 8]), {}, 0),
        (layer("Linear", [32, 8]), {"own.weight": 12, "other.weight": 9}, 12),
    ],
    ids=["batch first", "time first", "unknown", "packed", "never ran", "cell", "no recurrence", "by hand"],
)
def test_how_long_a_recurrence_is(own: Layer, repeated: dict[str, int], steps: int) -> None:
    network = Network([own], repeated)
    assert time_steps(network) == steps
    assert network.recurrent == (own["type"] != "Linear" or bool(repeated))


def test_a_recurrence_by_hand_is_known_whichever_comes_first_its_layers_or_its_graph(report: MakeReport) -> None:
    for first, second in (({"layers": BY_HAND}, {"facts": [wiring()]}), ({"facts": [wiring()]}, {"layers": BY_HAND})):
        judge = Judge()
        judge.add(report({"loss": [1.0]}, **first))
        judge.add(report({"loss": [1.0]}, first_step=1, **second))
        assert judge.signals.network.recurrent
        assert len(judge.signals.network.layers) == len(BY_HAND)


@pytest.mark.parametrize(("times", "until"), [(0, 100), (5, 200), (20, 300), (1000, 600)])
def test_the_longer_its_sequences_the_longer_it_may_wait_at_chance(report: MakeReport, times: int, until: int) -> None:
    facts = [wiring(times, None)] if times else []
    assert told(judged(report, AT_CHANCE[: until - 1], *facts)) == []
    assert ("no_progress", "warning") in told(judged(report, AT_CHANCE[: until + 60], *facts))


def test_a_run_that_is_over_waits_no_more_and_one_that_is_resumed_does(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report({"loss": AT_CHANCE[:250]}, layers=BY_HAND, facts=[LABELS, wiring(1000, None)]))
    assert told(judge.evaluate()) == []
    judge.end()
    assert ("no_progress", "warning") in told(judge.evaluate())
    judge.add(report({"loss": AT_CHANCE[250:300]}, first_step=250))
    assert judge.signals.loss.may_wait


@pytest.mark.parametrize(("times", "warned"), [(0, True), (TIMES, False)])
def test_some_samples_may_be_learned_by_heart_while_it_waits(report: MakeReport, times: int, warned: bool) -> None:
    steps = 280
    held_out = np.full(steps, np.nan)
    held_out[::20] = np.r_[np.linspace(2.31, 2.29, 3), np.linspace(2.3, 2.5, 11)]
    loss = AT_CHANCE[:steps] - np.linspace(0, 0.5, steps)
    facts = [wiring(times, None)] if times else []
    assert (("overfitting", "warning") in told(judged(report, loss, *facts, held_out=held_out))) == warned


def test_sigmoids_that_pass_nothing_back_are_named_before_the_labels(report: MakeReport) -> None:
    found = judged(report, AT_CHANCE, wiring())
    assert ("vanishing_gradient", "warning") in told(found)
    (incident,) = found["incidents"]
    assert incident["causes"][0]["cause"] == "vanishing_gradient"
    assert "kept.weight is applied 20 times in a row" in incident["causes"][0]["why"]
    assert "orthogonal" in incident["remedy"]


LEARNED = 0.2 + 2.1 * np.exp(-np.arange(700) / 100) + AT_CHANCE - math.log(10)


@pytest.mark.parametrize(
    ("loss", "fact", "numbers"),
    [
        (LEARNED, wiring(), {}),
        (AT_CHANCE[:250], wiring(), {}),
        (AT_CHANCE, wiring(function="Tanh"), {}),
        (AT_CHANCE, wiring(function=None), {}),
        (AT_CHANCE, wiring(5), {}),
        (AT_CHANCE, wiring(), {"gain": 4.0}),
        (AT_CHANCE, wiring(), {"ratio": 1e-6}),
    ],
    ids=["it learns", "it may wait", "tanh", "gates", "a short chain", "a large matrix", "nothing moves"],
)
def test_a_recurrence_is_not_blamed_where(
    report: MakeReport, loss: np.ndarray, fact: Fact, numbers: dict[str, float]
) -> None:
    assert "vanishing_gradient" not in dict(told(judged(report, loss, fact, **numbers)))
