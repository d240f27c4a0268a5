"""How long a pass over the data takes, and a loss that falls only between passes."""

from collections.abc import Iterator

import numpy as np
import pytest

from trainvitals_server.diagnosis.pass_length import pass_lengths
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.diagnosis.rulebook import rulebook
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.stairs import Stairs, stairs
from trainvitals_server.diagnosis.threshold import defaults
from trainvitals_wire.records import Fact

from .conftest import MakeReport

SIZE = 32
LOOKED_AT = [*range(36), *range(44, 600, 8)]
THRESHOLDS = defaults(next(one for one in declared_rules() if one.name == "labels_unrelated_to_inputs").rule.thresholds)


def looks(batches: Iterator[list[int]], steps: int) -> list[Fact]:
    """What the SDK tells of some of the batches, each a list of the numbers of its samples."""
    seen, facts = set[int](), list[Fact]()
    for step, samples in zip(range(steps), batches, strict=False):
        if step in LOOKED_AT:
            share = sum(sample in seen for sample in samples) / len(samples)
            details = {"phase": "training", "size": len(samples), "input_seen_step": None, "rows_seen": share}
            facts.append({"kind": "batch", "step": step, "details": details})  # type: ignore[typeddict-unknown-key]
            seen.update(samples)
    return facts


def shuffled(steps: int, seed: int = 0) -> Iterator[list[int]]:
    """Passes of so many steps, each in an order of its own."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(steps * SIZE).reshape(steps, SIZE)
        yield from order.tolist()


def drawn(samples: int) -> Iterator[list[int]]:
    """Batches drawn at random, with what was drawn before."""
    random = np.random.default_rng(0)
    while True:
        yield random.integers(samples, size=SIZE).tolist()


def signals_of(report: MakeReport, batches: Iterator[list[int]], loss: np.ndarray) -> Signals:
    signals = Signals(rulebook().thresholds)
    signals.add(report({"loss": loss}, facts=looks(batches, len(loss))))
    return signals


@pytest.mark.parametrize("length", [10, 23, 37, 60, 95])
def test_the_length_of_a_pass_is_told_from_samples_that_come_again(report: MakeReport, length: int) -> None:
    found = pass_lengths(signals_of(report, shuffled(length), np.ones(400)))
    assert length in found
    assert all(abs(other - length) <= 0.2 * length for other in found)


def test_samples_that_never_come_again_or_at_random_make_no_pass(report: MakeReport) -> None:
    fresh = iter([list(range(step * SIZE, (step + 1) * SIZE)) for step in range(400)])
    assert pass_lengths(signals_of(report, fresh, np.ones(400))) == ()
    assert pass_lengths(signals_of(report, drawn(600), np.ones(400))) == ()
    assert pass_lengths(signals_of(report, drawn(5000), np.ones(400))) == ()


def loss_of(length: int, passes: int, between: float, within: float, begin: float = 2.3) -> np.ndarray:
    """A loss with the noise of batches; in the first pass it falls by `within` too, and between passes by `between`."""
    step = np.arange(length * passes)
    noise = np.random.default_rng(0).normal(0, 0.03, len(step))
    return np.asarray(begin - between * (step // length) - within * step / length + noise)


def found_in(report: MakeReport, loss: np.ndarray, length: int = 40) -> Stairs | None:
    return stairs(signals_of(report, shuffled(length), loss), THRESHOLDS)


def test_a_loss_that_falls_only_where_samples_come_again_is_found(report: MakeReport) -> None:
    found = found_in(report, loss_of(40, 7, between=0.05, within=-0.03))
    assert found is not None
    assert abs(found.steps - 40) <= 2
    assert found.fall > 0 and found.rise > 0


def test_a_loss_that_falls_all_the_time_is_not(report: MakeReport) -> None:
    assert found_in(report, loss_of(40, 7, between=0.0, within=0.04)) is None
    assert found_in(report, loss_of(40, 7, between=0.02, within=0.04)) is None


def test_nor_one_that_fell_in_the_first_pass_before_it_fell_in_stairs(report: MakeReport) -> None:
    loss = loss_of(40, 9, between=0.05, within=-0.03)
    loss[:20] += np.linspace(0.5, 0.2, 20)
    loss[20:] -= 0.2
    assert found_in(report, loss) is None


def test_nor_one_that_stays_where_it_is(report: MakeReport) -> None:
    assert found_in(report, loss_of(40, 7, between=0.0, within=0.0)) is None


def test_nor_one_of_which_too_few_passes_are_over(report: MakeReport) -> None:
    assert found_in(report, loss_of(40, 3, between=0.05, within=-0.03)) is None
