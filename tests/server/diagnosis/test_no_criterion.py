"""Faults of labels, targets and outputs are found without a criterion, where its targets are read from the gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_healthy_trainings import (
    game_of_two_networks,
    one_of_ten_against_the_rest,
    regression,
    sigmoid_for_targets_within_its_reach,
    tiny_batches,
)
from tests.server.diagnosis.test_sick_trainings import (
    rare_class,
    rectified_output_for_standardised_targets,
    softmax_before_cross_entropy,
    sorted_labels,
    unscaled_targets,
)
from tests.server.diagnosis.training import Training

from trainvitals.run import Run
from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact

Train = Callable[[], Training]
SICK: list[tuple[Train, str]] = [
    (softmax_before_cross_entropy, "loss_output_mismatch"),
    (rectified_output_for_standardised_targets, "loss_output_mismatch"),
    (sorted_labels, "single_label_batches"),
    (rare_class, "class_imbalance"),
    (unscaled_targets, "loss_at_init"),
]
HEALTHY = (
    game_of_two_networks,
    one_of_ten_against_the_rest,
    regression,
    sigmoid_for_targets_within_its_reach,
    tiny_batches,
)
OF_TARGETS = ("single_label_batches", "class_imbalance", "target_not_scaled", "loss_output_mismatch")


@pytest.fixture(autouse=True)
def _no_criterion_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Run.watch

    def without(run: Run, model: Any, optimizer: Any = None, criterion: Any = None, **options: Any) -> None:
        watch(run, model, optimizer, **options)

    monkeypatch.setattr(Run, "watch", without)


@pytest.mark.parametrize(("train", "rule"), SICK)
def test_a_fault_of_what_the_loss_is_fed_is_found(train: Train, rule: str) -> None:
    found = train()
    assert found.judge.signals.criterion["read_from"] == "gradient"
    assert rule in found.rules("note", "warning", "critical")


@pytest.mark.parametrize("train", HEALTHY)
def test_a_healthy_training_is_left_in_peace(train: Train) -> None:
    assert train().alarms == []


def read(kind: str = "CrossEntropyLoss", step: int = 0, **details: Any) -> Fact:
    """A criterion that the gradient tells."""
    known = {
        "reduction": "mean",
        "read_from": "gradient",
        "output_shape": [32, 10],
        "target_shape": [32],
        "classes": 10,
    }
    return {"kind": "criterion", "step": step, "type": kind, "details": known | details}  # type: ignore[typeddict-unknown-key]


def states(judge: Judge) -> dict[str, str]:
    return {entry["rule"]: entry["state"] for entry in judge.evaluate()["rules"]}


@pytest.mark.parametrize(("value", "chance"), [(2.4, True), (3.4, True), (4.9, False), (0.2, False)])
def test_a_logged_loss_that_is_another_one_has_not_its_chance(report: MakeReport, value: float, chance: bool) -> None:
    judge = Judge()
    counts = {str(label): 32 for label in range(5)}
    labels: Fact = {"kind": "labels", "step": 0, "details": {"label_counts": counts, "looks": 8, "count": 160}}  # type: ignore[typeddict-unknown-key]
    judge.add(report({"loss": np.full(50, 2.4)}, facts=[read(value=value), labels]))
    level = judge.signals.loss.chance
    assert (level is not None and level == pytest.approx(np.log(5), rel=0.02)) == chance


def test_the_loss_at_the_start_is_that_of_the_targets_whatever_is_logged(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report({"loss": np.full(150, 9.0)}, facts=[read(value=9.0)]))
    assert states(judge)["loss_at_init"] == "firing"


def test_own_code_may_make_a_nan_where_a_loss_of_torch_may_not(report: MakeReport) -> None:
    losses = [*np.linspace(2.3, 1.0, 40), np.nan]

    def first_cause(criterion: Fact) -> str:
        judge = Judge()
        judge.add(report({"loss": losses}, facts=[criterion]))
        return str(judge.evaluate()["incidents"][0]["causes"][0]["cause"])

    watched = read()
    del watched["details"]["read_from"]  # type: ignore[typeddict-item]
    assert (first_cause(watched), first_cause(read())) == ("non_finite_input", "unstable_loss")


def test_what_is_read_is_measured_and_what_is_not_stays_unmeasured(report: MakeReport) -> None:
    known, unknown = Judge(), Judge()
    known.add(report({"loss": np.linspace(2.3, 1.0, 150)}, facts=[read(value=2.3)]))
    unknown.add(report({"loss": np.linspace(2.3, 1.0, 150)}))
    assert {states(known)[rule] for rule in OF_TARGETS if rule != "target_not_scaled"} == {"quiet"}
    assert {states(unknown)[rule] for rule in OF_TARGETS} == {"not_measured"}


def test_the_labels_of_one_output_do_not_hide_the_targets_of_another(report: MakeReport) -> None:
    """What is logged is the sum of both losses, of which the other is that of targets far away."""
    labels: Fact = {
        "kind": "labels",
        "step": 0,
        "details": {"label_counts": {"0": 16, "1": 16}, "looks": 1, "count": 32},
    }  # type: ignore[typeddict-unknown-key]
    head = linear("head", 1, 16, 1)
    head["parameters"].append(parameter("head.bias", 1))
    layers = [linear("body", 0, 8, 16), head]
    losses = np.full(60, 1e6)
    series = {"loss": losses, "gradient_norm/head.bias": 2 * np.sqrt(losses), "activation_mean/head": np.zeros(60)}
    series["activation_std/head"] = np.full(60, 0.1)
    judge = Judge()
    judge.add(report(series, layers=layers, facts=[read("BCEWithLogitsLoss", value=0.7), labels]))
    assert states(judge)["target_not_scaled"] == "firing"


@pytest.mark.parametrize(("last", "spread", "found"), [(0.08, 0.08, False), (0.08, 0.02, True)])
def test_raw_scores_that_hardly_move_are_no_probabilities(
    report: MakeReport, last: float, spread: float, found: bool
) -> None:
    """What the last layer gives is fed as it is, or through a function of a quarter of its slope."""
    shapes = {"output_shape": [32, 10], "output_min": 0.1, "output_max": 0.6}
    series = {"loss": np.full(150, 2.3), "output_min": np.full(150, 0.1), "output_max": np.full(150, 0.6)}
    series |= {"output_std": np.full(150, spread), "activation_std/head": np.full(150, last)}
    judge = Judge()
    judge.add(report(series, layers=[linear("head", 0, 16, 10)], facts=[read(value=2.3, **shapes)]))
    assert (states(judge)["loss_output_mismatch"] == "firing") == found
