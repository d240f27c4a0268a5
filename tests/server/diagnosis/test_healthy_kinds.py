"""What healthy trainings of other kinds do that looks like a fault, from hand-built reports."""

from typing import Any

import numpy as np
import pytest

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact

from .conftest import MakeReport, linear

LAYERS = [linear(f"fc{i}", i) for i in range(4)]
STEPS = 300
NOISE = 0.02 * np.random.default_rng(0).standard_normal(STEPS)
RISING = np.linspace(0.1, 1.0, STEPS) + NOISE
FALLING = 0.3 + 2 * np.exp(-np.arange(STEPS) / 60)


@pytest.fixture
def alarms(report: MakeReport) -> Any:
    """`alarms(series, facts)`: the rules that say more than a note."""

    def judged(series: dict[str, Any], *facts: Fact) -> set[str]:
        judge = Judge()
        judge.add(report(series, layers=LAYERS, facts=facts))
        return {entry["rule"] for entry in judge.evaluate()["warnings"] if entry["severity"] != "note"}

    return judged


def test_the_loss_of_an_agent_may_rise_with_what_it_has_learned(alarms: Any) -> None:
    assert alarms({"loss": RISING}) == {"no_progress"}
    assert alarms({"loss": RISING, "episode_reward": np.arange(STEPS)}) == set()


def test_a_new_task_sets_the_loss_up_and_it_comes_down_again(alarms: Any) -> None:
    second = 0.3 + 4 * np.exp(-np.arange(40) / 15)
    assert alarms({"loss": np.r_[FALLING[: STEPS - 40], second]}) == set()
    assert "no_progress" in alarms({"loss": np.r_[FALLING[: STEPS - 40], np.full(40, 4.3)]})


def test_what_a_loss_is_made_with_outside_the_model_has_its_gradient_first(alarms: Any) -> None:
    sgd: Fact = {"kind": "optimizer", "step": 0, "type": "SGD", "details": {"groups": [{"lr": 1e-2}]}}
    series = {"loss": FALLING, "backward_passes": np.ones(STEPS), "gradient_norm_unclipped": np.full(STEPS, 2.1)}
    carried = {"gradient_norm_carried": np.r_[0.0, np.full(STEPS - 1, 2.1)]}
    assert "missing_zero_grad" in alarms(series | carried | {"gradient_norm_total": np.full(STEPS, 2.1)}, sgd)
    assert "missing_zero_grad" not in alarms(series | carried | {"gradient_norm_total": np.full(STEPS, 5.0)}, sgd)


def modes(step: int, training: bool) -> Fact:
    details = {"phase": "evaluation", "model_training": training, "gradients": False, "dropout_training": 2 * training}
    return {"kind": "modes", "step": step, "details": details}


def test_monte_carlo_dropout_beside_an_evaluation_is_on_purpose(alarms: Any) -> None:
    series = {"loss": FALLING, "val_loss": FALLING}
    assert alarms(series, modes(20, training=True)) == {"train_eval_mode"}
    assert alarms(series, modes(10, training=False), modes(20, training=True)) == set()


def test_a_network_that_is_fed_a_grid_beside_a_picture_has_no_constant_input(alarms: Any) -> None:
    seen: Fact = {
        "kind": "input",
        "step": 0,
        "details": {"shape": [32, 16], "rows": 512, "dtype": "float32", "constant_fraction": 1.0, "mean": 0.0},
    }
    assert alarms({"loss": FALLING}, seen) == {"constant_input"}
    assert alarms({"loss": FALLING, "output_variation": np.full(STEPS, 0.5)}, seen) == set()
    seen["details"]["shape"] = [32, 64, 2]
    assert alarms({"loss": FALLING}, seen) == set()


def test_a_schedule_that_ends_on_a_plateau_took_nothing_away(alarms: Any) -> None:
    rate = np.where(np.arange(STEPS) < 120, 1e-3, 1e-5)
    floor = 0.7 + 0.3 * np.exp(-np.arange(STEPS) / 10) + NOISE
    assert alarms({"loss": floor, "learning_rate": rate}) == set()
