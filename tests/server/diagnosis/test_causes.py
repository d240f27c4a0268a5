"""The ranking of causes."""

import pytest

from trainvitals_server.diagnosis.causes import (
    BREAKS_NOTHING,
    CAUSES_MAX,
    DENIES,
    EXPLAINS,
    READINGS,
    STRUCTURAL,
    explains,
    ranked,
    story,
)
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


@pytest.mark.parametrize(
    ("root", "reading"),
    [
        ("missing_zero_grad", "loss_sign"),
        ("train_eval_mode", "input_ignored"),
        ("unshuffled_data", "single_label_batches"),
        ("bad_initialisation", "over_regularised"),
    ],
)
def test_what_is_seen_of_the_loop_comes_before_what_it_looks_like(root: str, reading: str) -> None:
    assert names((reading, 0), (root, 0)) == [root, reading]


@pytest.mark.parametrize("grown", ["exploding_activation", "exploding_gradient"])
def test_what_grows_before_the_first_update_brings_the_first_loss_and_what_grows_later_undoes_it(grown: str) -> None:
    assert names((grown, 0), ("loss_at_init", 0))[0] == grown
    assert names((grown, 100), ("loss_at_init", 0)) == ["loss_at_init", grown]
    assert explains(Cause("loss_at_init", "why", 0), Cause(grown, "why", 100))


@pytest.mark.parametrize("outcome", ["no_progress", "diverging", "oscillating", "non_finite"])
def test_an_outcome_comes_first_only_where_nothing_more_specific_is_known(outcome: str) -> None:
    assert names((outcome, 0)) == [outcome]
    assert names((outcome, 0), ("unstable_loss", 30)) == ["unstable_loss", outcome]


def test_a_cause_named_twice_is_kept_once_with_its_earliest_observation() -> None:
    (cause,) = ranked([Cause("dead_units", "late", 9), Cause("dead_units", "early", 3)])
    assert cause.why == "early"


def told(*causes: tuple[str, int]) -> list[str]:
    return [cause.cause for cause in story(Cause(name, "why", step) for name, step in causes)]


def test_a_story_leaves_out_what_denies_its_root_and_what_the_root_explains_better() -> None:
    starved = ("vanishing_gradient", 0), ("learning_rate_too_high", 19), ("learning_rate_too_low", 19)
    assert told(*starved, ("exploding_activation", 60), ("no_progress", 0)) == ["vanishing_gradient", "no_progress"]


def test_the_labels_are_blamed_only_where_the_learning_rate_is_not_too_low() -> None:
    told = story([Cause("labels_unrelated_to_inputs", "", 0), Cause("learning_rate_too_low", "", 40)])
    assert [cause.cause for cause in told] == ["learning_rate_too_low"]


def test_a_story_has_at_most_three_causes() -> None:
    found = told(("learning_rate_too_high", 0), ("exploding_activation", 5), ("saturated_units", 6), ("non_finite", 9))
    assert found == ["learning_rate_too_high", "exploding_activation", "saturated_units"]
    assert len(found) == CAUSES_MAX


def test_a_layer_that_is_not_optimized_makes_no_loss_overflow() -> None:
    assert told(("not_in_optimizer", 0), ("unstable_loss", 30), ("non_finite", 30))[1] == "unstable_loss"
    assert "non_finite" not in [c for root in BREAKS_NOTHING for c in EXPLAINS.get(root, ())]


def test_every_cause_of_the_ranking_is_in_the_fixed_list() -> None:
    for relation in (EXPLAINS, DENIES):
        assert set(relation) | {name for others in relation.values() for name in others} <= set(CAUSES)
    assert set(CAUSES) >= READINGS | STRUCTURAL | BREAKS_NOTHING


def test_a_cause_outside_the_fixed_list_is_refused() -> None:
    with pytest.raises(ValueError, match="fixed list"):
        Cause("gremlins", "why", 0)
