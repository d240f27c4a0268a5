"""The ranking of causes."""

import pytest

from trainvitals_server.diagnosis.causes import EXPLAINS, ranked
from trainvitals_server.diagnosis.finding import Cause
from trainvitals_wire.causes import CAUSES


def names(*causes: tuple[str, int]) -> list[str]:
    return [cause.cause for cause in ranked(Cause(name, "why", step) for name, step in causes)]


def test_a_learning_rate_too_high_comes_before_what_it_brings() -> None:
    found = names(("dead_units", 4), ("exploding_gradient", 2), ("no_progress", 50), ("learning_rate_too_high", 0))
    assert found[0] == "learning_rate_too_high"
    assert found[-1] == "no_progress"


def test_what_is_seen_before_the_first_update_is_not_the_learning_rates_doing() -> None:
    assert names(("learning_rate_too_high", 0), ("vanishing_gradient", 0))[0] == "vanishing_gradient"
    assert names(("learning_rate_too_high", 0), ("vanishing_gradient", 1))[0] == "learning_rate_too_high"


def test_a_bad_initialisation_comes_before_the_vanishing_gradient() -> None:
    assert names(("vanishing_gradient", 0), ("bad_initialisation", 0)) == ["bad_initialisation", "vanishing_gradient"]


@pytest.mark.parametrize("outcome", ["no_progress", "diverging", "oscillating", "non_finite"])
def test_an_outcome_comes_first_only_where_nothing_more_specific_is_known(outcome: str) -> None:
    assert names((outcome, 0)) == [outcome]
    assert names((outcome, 0), ("unstable_loss", 30)) == ["unstable_loss", outcome]


def test_a_cause_named_twice_is_kept_once_with_its_earliest_observation() -> None:
    (cause,) = ranked([Cause("dead_units", "late", 9), Cause("dead_units", "early", 3)])
    assert cause.why == "early"


def test_every_cause_of_the_ranking_is_in_the_fixed_list() -> None:
    assert set(EXPLAINS) | {name for symptoms in EXPLAINS.values() for name in symptoms} <= set(CAUSES)


def test_a_cause_outside_the_fixed_list_is_refused() -> None:
    with pytest.raises(ValueError, match="fixed list"):
        Cause("gremlins", "why", 0)
