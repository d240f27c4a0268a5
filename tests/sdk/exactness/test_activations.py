"""Statistics of outputs against the whole outputs."""

import numpy as np
import pytest
from training import Record, absolute, relative
from truth import Step


def test_the_standard_deviation_is_within_5_percent(seen: Record) -> None:
    assert relative(*seen.pairs("activation_std", lambda s: ((o, a.std()) for o, a in s.outputs.items()))) < 0.05


def test_the_mean_is_within_7_percent_of_the_standard_deviation(seen: Record) -> None:
    told, true = seen.pairs("activation_mean", lambda s: ((o, a.mean()) for o, a in s.outputs.items()))
    _, std = seen.pairs("activation_mean", lambda s: ((o, a.std()) for o, a in s.outputs.items()))
    assert absolute(told / std, true / std) < 0.07


def test_the_share_of_zeros_is_within_3_hundredths(seen: Record) -> None:
    pairs = seen.pairs("activation_zero_fraction", lambda s: ((o, (a == 0).mean()) for o, a in s.outputs.items()))
    assert absolute(*pairs) < 0.03


def test_the_greatest_value_is_exact(seen: Record) -> None:
    told, true = seen.pairs("activation_absmax", lambda s: ((o, np.abs(a).max()) for o, a in s.outputs.items()))
    assert told == pytest.approx(true, rel=1e-6)


def _beyond(step: Step) -> dict[str, np.ndarray]:
    """Which pre-activations of tanh and sigmoid lie beyond the limits."""
    return {"1": np.abs(step.outputs["0"]) > 2.5, "3": np.abs(step.outputs["2"]) > 5}


@pytest.mark.parametrize("training", ["squashing-momentum"], indirect=True)
def test_saturation_is_exact_for_elements_and_units(training: Record) -> None:
    def shares(step: Step) -> object:
        return ((owner, beyond.mean()) for owner, beyond in _beyond(step).items())

    def units(step: Step) -> object:
        return ((owner, (beyond.mean(axis=0) >= 0.95).mean()) for owner, beyond in _beyond(step).items())

    told, true = training.pairs("activation_saturated_fraction", shares)  # type: ignore[arg-type]
    assert 0.1 < true.mean() < 0.9
    assert told == pytest.approx(true, abs=1e-4)
    told, true = training.pairs("saturated_unit_fraction", units)  # type: ignore[arg-type]
    assert (true > 0.1).all()
    assert told == pytest.approx(true, abs=1e-6)
