"""What the loss curve says."""

import math

import numpy as np
import pytest

from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.records import Fact

CRITERION: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"classes": 10}}  # type: ignore[typeddict-unknown-key]
CHANCE = math.log(10)


def loss(values: np.ndarray, criterion: bool = True) -> Loss:
    history = History(np.arange(len(values)), values)
    return Loss("loss", history, [CRITERION] if criterion else [], Network(), len(values) - 1, 100)


def noise(n: int, scale: float = 0.1) -> np.ndarray:
    return np.random.default_rng(0).normal(0, scale, n)


@pytest.mark.parametrize("criterion", [True, False])
def test_a_falling_loss_shows_no_harm(criterion: bool) -> None:
    falling = loss(CHANCE * np.exp(-np.arange(300) / 80) + noise(300), criterion)
    assert falling.harm is None


@pytest.mark.parametrize("criterion", [True, False])
def test_a_loss_that_has_converged_shows_no_harm(criterion: bool) -> None:
    converged = loss(CHANCE * np.exp(-np.arange(2000) / 50) + np.abs(noise(2000, 0.01)), criterion)
    assert converged.harm is None
    assert converged.learned


def test_a_loss_at_chance_is_harm_after_the_warm_up_and_not_before() -> None:
    flat = CHANCE + noise(200, 0.05)
    assert loss(flat[:90]).harm is None
    harm = loss(flat).harm
    assert harm is not None
    assert harm.kind == "at_chance"


def test_where_noise_hides_the_level_all_points_since_the_warm_up_tell_it() -> None:
    noisy = CHANCE + np.r_[0.0, noise(1499, 1.0)]
    assert loss(noisy[:700]).muted
    harm = loss(noisy).harm
    assert harm is not None
    assert harm.kind == "at_chance"


SQUARED: Fact = {"kind": "criterion", "step": 0, "type": "MSELoss", "details": {"target_std": 1.0}}  # type: ignore[typeddict-unknown-key]


def squared(values: np.ndarray, spread: np.ndarray | None = None) -> Loss:
    """A squared error; `spread` is the standard deviation of the targets of each batch."""
    own = History(np.arange(len(values)), values)
    seen = (EMPTY, EMPTY)
    if spread is not None:
        seen = (History(own.steps, np.zeros(len(values))), History(own.steps, spread))
    last = len(values) - 1
    return Loss("loss", own, [SQUARED], Network(), last, 100, of_criterion=own, of_targets=seen)


def test_a_loss_that_stays_above_chance_long_after_a_wild_start_is_harm() -> None:
    came_down = 1.3 + 500 * np.exp(-np.arange(500) / 8) + noise(500, 0.1)
    assert squared(came_down[:190]).harm is None
    harm = squared(came_down).harm
    assert harm is not None
    assert harm.kind == "at_chance"


def test_a_loss_above_chance_that_will_be_below_it_soon_is_no_harm() -> None:
    assert squared(np.linspace(3.0, 1.1, 300) + noise(300, 0.05)).harm is None


@pytest.mark.parametrize(("share", "kind"), [(1.0, "at_chance"), (0.8, None)])
def test_what_naming_the_mean_scores_on_the_same_batches_is_chance(share: float, kind: str | None) -> None:
    spread = np.sqrt(0.85 + 0.3 * np.abs(noise(300, 1.0)) - 0.1)
    harm = squared(np.r_[3.0, 3.0, share * spread[2:] ** 2], spread).harm
    assert (harm.kind if harm else None) == kind


def test_a_plateau_that_slowly_gives_way_is_no_harm() -> None:
    slowly = CHANCE * np.linspace(1.0, 0.987, 120) + noise(120, 0.02)
    assert loss(slowly).harm is None


def test_a_loss_that_fell_to_chance_and_stays_there_is_harm() -> None:
    values = CHANCE + 1.5 * np.exp(-np.arange(300) / 20) + noise(300, 0.05)
    harm = loss(values).harm
    assert harm is not None
    assert harm.kind == "at_chance"


def test_a_pre_trained_network_that_starts_low_and_stays_shows_no_harm() -> None:
    assert loss(0.05 + np.abs(noise(300, 0.01))).harm is None


def test_without_a_known_chance_a_flat_loss_is_no_progress() -> None:
    harm = loss(CHANCE + noise(300, 0.05), criterion=False).harm
    assert harm is not None
    assert harm.kind == "no_progress"


def test_a_loss_that_hovers_about_zero_is_not_judged() -> None:
    assert loss(noise(300, 1.0), criterion=False).harm is None


def test_a_loss_that_wanders_about_zero_has_not_risen() -> None:
    assert loss(0.15 * np.sin(np.arange(300) / 40) + noise(300, 0.05), criterion=False).harm is None


def test_a_loss_that_grows_diverges() -> None:
    harm = loss(CHANCE * np.exp(np.arange(120) / 30)).harm
    assert harm is not None
    assert (harm.kind, harm.worst) == ("diverging", "critical")


def test_a_loss_that_rises_from_its_best_by_far_is_diverging() -> None:
    values = np.concatenate([np.linspace(CHANCE, 0.3, 300), np.linspace(0.3, 1.8, 200)]) + noise(500, 0.05)
    harm = loss(values).harm
    assert harm is not None
    assert harm.kind == "diverging"


@pytest.mark.parametrize(
    ("highest", "low_again", "kind"),
    [(0.1, False, None), (0.1, True, "diverging"), (0.3, False, "diverging")],
    ids=["as high as before", "the rate came down and the loss did not", "higher than ever"],
)
def test_a_loss_that_rises_with_a_cyclic_rate_comes_down_with_it(
    highest: float, low_again: bool, kind: str | None
) -> None:
    values = np.concatenate([np.linspace(CHANCE, 0.3, 300), np.linspace(0.3, 1.5, 200)]) + noise(500, 0.05)
    rate = np.interp(np.arange(500), [0, 150, 300, 499], [0.01, 0.1, 0.01, highest])
    rate[-20:] = 0.01 if low_again else rate[-20:]
    steps = np.arange(500)
    judged = Loss("loss", History(steps, values), [CRITERION], Network(), 499, 100, learning_rate=History(steps, rate))
    assert (judged.harm.kind if judged.harm else None) == kind


def test_a_leap_is_measured_by_how_far_batches_scatter_at_its_height() -> None:
    """A share of the level, as of squared errors of a few samples each: twice the level is no leap at first."""
    spread = 0.5 * np.random.default_rng(0).standard_normal(400).clip(-1.9, 1.9)
    assert loss(np.linspace(2.4, 1.5, 400) * (1 + spread)).height(2.4, 50) > 1.5 * 2.4
    assert loss(np.linspace(2.4, 1.5, 400)).height(2.4, 50) < 1.1 * 2.4


def test_a_loss_that_rises_at_first_is_judged_after_the_warm_up() -> None:
    falls, rises = np.linspace(0.54, 0.47, 40), np.linspace(0.47, 0.79, 20)
    assert loss(np.r_[falls, rises, 0.79 + noise(35, 0.01)], criterion=False).harm is None
    lasting = loss(np.r_[falls, rises, 0.79 + noise(70, 0.01)], criterion=False).harm
    assert lasting is not None
    assert lasting.kind == "diverging"


def test_one_bad_batch_is_not_the_end_of_a_run() -> None:
    values = np.linspace(CHANCE, 0.3, 300)
    values[-2] = np.nan
    assert loss(values).harm is None
    values[-5:] = np.nan
    harm = loss(values).harm
    assert harm is not None
    assert (harm.kind, harm.first_step) == ("non_finite", 295)
