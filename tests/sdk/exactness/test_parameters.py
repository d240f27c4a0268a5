"""Statistics of gradients, weights and updates against the whole tensors."""

import numpy as np
import pytest
from training import Record, absolute, relative

UPDATE_ERROR, UPDATE_ERROR_MOMENTUM = 0.05, 0.08
"""With momentum the gradient of the step says less about the tails of its update."""


def test_norms_of_gradients_are_exact(seen: Record) -> None:
    told, true = seen.pairs("gradient_norm", lambda s: ((o, np.linalg.norm(g)) for o, g in s.gradients.items()))
    assert told == pytest.approx(true, rel=1e-5, abs=1e-12)
    total = seen.transport.values("gradient_norm_total")
    for place, step in enumerate(seen.steps):
        assert total[place] == pytest.approx(np.sqrt(sum((g**2).sum() for g in step.gradients.values())), rel=1e-5)


def test_the_standard_deviation_of_gradients_is_within_1_percent(seen: Record) -> None:
    assert relative(*seen.pairs("gradient_std", lambda s: ((o, g.std()) for o, g in s.gradients.items()))) < 0.01


def test_standard_deviation_and_norm_of_weights_are_within_1_percent(seen: Record) -> None:
    assert relative(*seen.pairs("weight_std", lambda s: ((o, w.std()) for o, w in s.after.items()))) < 0.01
    norms = seen.pairs("weight_norm", lambda s: ((o, np.linalg.norm(w)) for o, w in s.after.items()))
    assert relative(*norms) < 0.01


def test_means_are_within_a_tenth_of_the_standard_deviation(seen: Record) -> None:
    for statistic, part in (("weight_mean", "after"), ("gradient_mean", "gradients")):
        told, true = seen.pairs(statistic, lambda s, part=part: ((o, v.mean()) for o, v in getattr(s, part).items()))
        _, std = seen.pairs(statistic, lambda s, part=part: ((o, v.std()) for o, v in getattr(s, part).items()))
        varied = std > 0
        assert absolute(told[varied] / std[varied], true[varied] / std[varied]) < 0.1


def test_updates_are_within_5_percent_and_8_with_momentum(seen: Record) -> None:
    limit = UPDATE_ERROR_MOMENTUM if seen.name.endswith("momentum") else UPDATE_ERROR
    assert relative(*seen.pairs("update_norm", lambda s: ((o, np.linalg.norm(u)) for o, u in s.updates()))) < limit
    ratios = seen.pairs(
        "update_ratio",
        lambda s: ((o, np.linalg.norm(u) / np.linalg.norm(s.before[o])) for o, u in s.updates() if np.any(s.before[o])),
    )
    assert relative(*ratios) < limit


def test_nothing_is_called_non_finite_in_a_healthy_training(seen: Record) -> None:
    owners = [*seen.steps[0].outputs, *seen.steps[0].after]
    assert {value for owner in owners for value in seen.told("nonfinite_count", owner).values()} == {0.0}
    assert seen.transport.facts("nonfinite") == []
