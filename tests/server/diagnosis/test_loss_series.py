"""Which of the logged metrics is the loss that is judged."""

import numpy as np
import pytest

from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.loss_series import judged_loss, logged_loss, validation_loss
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Fact

CHANCE = float(np.log(10))
CRITERION: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"classes": 10}}  # type: ignore[typeddict-unknown-key]


class Logged:
    """Metrics, and how many points each has."""

    def __init__(self, **points: int) -> None:
        self.points = {key.replace("__", "/"): count for key, count in points.items()}

    def __call__(self, key: str) -> History:
        count = self.points.get(key, 0)
        return History(np.arange(count), np.zeros(count)) if count else EMPTY


def judged(logged: Logged) -> str:
    return judged_loss(logged, logged.points)


@pytest.mark.parametrize(
    "key", ["Loss/train", "total_loss", "trainLoss", "batch_loss", "training/loss", "LOSS", "cost"]
)
def test_a_whole_loss_is_known_by_what_people_call_it(key: str) -> None:
    assert judged(Logged(**{key: 50, "val_loss": 5, "accuracy": 50})) == key


def test_the_densest_of_several_is_judged() -> None:
    assert judged(Logged(train_loss_step=200, train_loss_epoch=4)) == "train_loss_step"


def test_the_known_names_come_first() -> None:
    assert judged(Logged(loss=20, total_loss=50)) == "loss"


def test_a_term_is_judged_only_where_it_is_the_only_loss() -> None:
    assert judged(Logged(ce_loss=50, accuracy=50)) == "ce_loss"
    assert judged(Logged(recon_loss=50, kl_loss=50)) == "loss"
    assert judged(Logged(ce_loss=50, criterion_loss=50)) == "criterion_loss"


@pytest.mark.parametrize("key", ["nll", "train/bce", "poisson_nll", "cross_entropy", "MSE"])
def test_a_loss_is_known_by_its_criterion_where_nothing_is_called_a_loss(key: str) -> None:
    assert judged(Logged(**{key: 50, "val_mse": 5, "policy_entropy": 50, "mae": 50})) == key
    assert judged(Logged(**{key: 50, "loss": 50})) == "loss"
    assert judged(Logged(**{key: 50, "huber": 50})) == "loss"


def test_what_is_held_out_goes_by_the_name_of_the_criterion() -> None:
    logged = Logged(**{"train/cross_entropy": 50, "val/cross_entropy": 5, "val/mse": 9, "lr": 50})
    assert validation_loss(logged, logged.points) == "val/cross_entropy"
    other = Logged(loss=50, val_mse=5)
    assert validation_loss(other, other.points) is None


def test_a_validation_loss_is_never_taken_for_the_training_loss() -> None:
    only = Logged(test_loss=50)
    assert judged(only) == "loss"
    assert logged_loss(only, only.points) is None


def test_a_loss_logged_now_and_then_gives_way_to_the_criterion() -> None:
    assert judged(Logged(loss=15, criterion_loss=300)) == "criterion_loss"
    assert judged(Logged(loss=150, criterion_loss=300)) == "loss"


@pytest.mark.parametrize("key", ["valid_loss", "Loss/test", "eval/loss", "testLoss", "dev_total_loss"])
def test_a_validation_loss_is_known_by_what_people_call_it(key: str) -> None:
    logged = Logged(**{key: 5, "loss": 50})
    assert validation_loss(logged, logged.points) == key


def seldom(values: np.ndarray, every: int = 20, first: int = 19) -> Loss:
    """A loss that is logged each `every` steps."""
    steps = np.arange(len(values)) * every + first
    return Loss("loss", History(steps, values), [CRITERION], Network(), int(steps[-1]), 100)


def noise(points: int, scale: float = 0.01) -> np.ndarray:
    return np.random.default_rng(0).normal(0, scale, points)


def test_a_loss_logged_each_twenty_steps_is_judged_from_twelve_points_on() -> None:
    assert seldom(CHANCE + noise(11)).harm is None
    harm = seldom(CHANCE + noise(12)).harm
    assert harm is not None
    assert harm.kind == "at_chance"


def test_a_loss_logged_each_twenty_steps_that_falls_is_left_alone() -> None:
    assert seldom(CHANCE * np.exp(-np.arange(15) / 40) + noise(15)).harm is None


def test_twelve_points_of_a_loss_logged_at_each_step_are_no_run() -> None:
    assert seldom(CHANCE + noise(12), every=1, first=0).windows is None


def test_a_start_that_is_a_mean_of_the_first_steps_is_a_start_and_a_resumed_run_has_none() -> None:
    assert not seldom(CHANCE + noise(12)).goes_on
    assert seldom(CHANCE + noise(12), first=2000).goes_on


def test_signals_without_any_metric_have_no_loss() -> None:
    signals = Signals()
    assert len(signals.loss.history) == 0
    assert len(signals.logged_loss) == 0
    assert signals.validation_loss_key is None


@pytest.mark.parametrize(
    ("factor", "key"), [(1 / 64, "criterion_loss"), (32.0, "criterion_loss"), (1.0, "loss"), (-1.0, "loss")]
)
def test_a_loss_logged_as_a_multiple_of_its_criterion_is_judged_by_the_criterion(factor: float, key: str) -> None:
    own = History(np.arange(50), 2.3 + np.random.default_rng(0).random(50))
    series = {"loss": History(own.steps, factor * own.values), "criterion_loss": own}
    assert judged_loss(lambda key: series.get(key, EMPTY), series) == key


def test_a_loss_with_a_term_beside_its_criterion_is_judged_itself() -> None:
    own = History(np.arange(50), 2.3 + np.random.default_rng(0).random(50))
    series = {"loss": History(own.steps, 3 + own.values), "criterion_loss": own}
    assert judged_loss(lambda key: series.get(key, EMPTY), series) == "loss"
