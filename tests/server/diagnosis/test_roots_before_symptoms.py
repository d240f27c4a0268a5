"""What only looks like another fault: the root is told, and not what a rule would read in its traces."""

from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport
from tests.server.diagnosis.test_nonfinite import LAYERS, SAMPLED, broken, first_cause, losses
from tests.server.diagnosis.test_rules_of_what_goes_in import (
    CROSS_ENTROPY,
    IMAGES,
    by_heart,
    fact,
    found,
    network,
    repeated,
    severities,
)

STEPS = 120
FLAT = np.full(STEPS, 1.7)


def elsewhere(tensors: int, alike: int) -> Any:
    """The optimizer holds tensors of another model."""
    return fact("optimizer_elsewhere", {"type": "Adam", "tensors": tensors, "alike": alike})


def added_up(weight: float) -> dict[str, Any]:
    """Gradients that add up from step to step, of weights that stay or move."""
    names, sums = ("first.weight", "second.weight", "output.weight"), np.arange(1.0, STEPS + 1)
    norms = {f"weight_norm/{name}": 4 + weight * np.arange(STEPS) for name in names}
    carried = {"gradient_norm_carried": sums - 1, "gradient_norm_unclipped": sums, "gradient_norm_total": sums}
    alike = {f"gradient_cosine/{name}": np.full(STEPS, 0.99) for name in names}
    return {"loss": FLAT, **norms, **{f"gradient_norm/{name}": sums for name in names}, **carried, **alike}


@pytest.mark.parametrize(("alike", "severity"), [(3, "warning"), (0, "note")])
def test_an_optimizer_of_tensors_that_were_replaced_moves_nothing(
    report: MakeReport, alike: int, severity: str
) -> None:
    falling = {"loss": np.linspace(1.7, 0.2, STEPS)}
    told = report(added_up(0.0) | falling, layers=network(), facts=[elsewhere(3, alike)])
    ((finding, deserved),) = found("frozen_parameters", told)
    assert (finding.causes[0].cause, deserved) == ("not_in_optimizer", severity)


def test_gradients_that_no_optimizer_ever_zeroes_add_up_and_explode_for_no_other_reason(report: MakeReport) -> None:
    still = report(added_up(0.0), layers=network(), facts=[elsewhere(3, 3)])
    assert not found("missing_zero_grad", still) and not found("exploding_gradient", still)
    assert severities("missing_zero_grad", report(added_up(0.01), layers=network())) == ["warning"]


def test_one_weight_that_no_optimizer_has_is_no_missing_zero_grad(report: MakeReport) -> None:
    still = {f"weight_norm/{name}.weight": np.full(STEPS, 4.0) for name in ("first", "second")}
    told = report(added_up(0.01) | still, layers=network())
    assert not found("missing_zero_grad", told)
    ((finding, _),) = found("frozen_parameters", told)
    assert finding.summary == "first.weight (and 1 more) gets gradients and never moves"


def test_weights_of_a_short_type_may_lose_their_updates_in_rounding(report: MakeReport) -> None:
    half = network()
    for layer in half:
        layer["parameters"][0]["dtype"] = "bfloat16"
    assert not found("frozen_parameters", report(added_up(0.0), layers=half))


def test_weights_that_another_optimizer_moves_are_left_alone(report: MakeReport) -> None:
    assert not found("frozen_parameters", report(added_up(0.01), layers=network(), facts=[elsewhere(3, 3)]))


DEAD = {f"gradient_norm/{name}.weight": np.zeros(STEPS) for name in ("first", "second", "output")}
NEVER = {f"nonpositive_unit_fraction/{name}": np.full(STEPS, part) for name, part in (("first", 0.6), ("second", 1.0))}


def test_a_dead_layer_is_the_reason_before_it_and_just_behind_it(report: MakeReport) -> None:
    told = found("frozen_parameters", report({"loss": FLAT} | DEAD | NEVER, layers=network()))
    assert {finding.causes[0].cause for finding, _ in told} == {"dead_units"} and len(told) == 3
    without = found("frozen_parameters", report({"loss": FLAT} | DEAD, layers=network()))
    assert {finding.causes[0].cause for finding, _ in without} == {"no_gradient"}


@pytest.mark.parametrize("cut_off", [True, False])
def test_a_loss_that_is_not_connected_says_nothing_of_the_output(report: MakeReport, cut_off: bool) -> None:
    """Predictions that were rounded before the loss: no weight ever has a gradient."""
    names = ["first.weight", "second.weight", "output.weight"]
    rounded = {
        "type": "BCELoss",
        "target_shape": [64, 1],
        "output_shape": [64, 1],
        "output_min": 0.0,
        "output_max": 1.0,
    }
    facts = [fact("criterion", rounded | {"classes": 2, "label_counts": {"0": 32, "1": 32}}, type="BCELoss")]
    loss = np.full(STEPS, 48.0)
    series = {"loss": loss, "criterion_loss": loss, "output_variation": np.zeros(STEPS)}
    if cut_off:
        facts.append(fact("no_gradient", {}, parameters=names))
    else:
        series |= {f"gradient_norm/{name}": np.full(STEPS, 0.1) for name in names}
    told = report(series, layers=network(1), facts=[*facts, fact("input", IMAGES)])
    rules = ("input_ignored", "loss_output_mismatch", "loss_at_init")
    assert [bool(found(rule, told)) for rule in rules] == [not cut_off] * 3


def test_units_without_any_gradient_behind_a_function_are_dead_from_the_start(report: MakeReport) -> None:
    unseen = np.r_[np.full(7, np.nan), np.ones(STEPS - 7)]
    series = {"loss": FLAT, "nonpositive_unit_fraction/second": unseen} | DEAD
    (told,) = [finding for finding, _ in found("dead_units", report(series, layers=network()))]
    assert (told.layer, told.first_step) == ("second", 0)
    assert told.remedy.startswith("Start the bias of second at 0")


@pytest.mark.parametrize(("training", "count"), [(True, 0), (False, 1)])
def test_held_out_predictions_of_a_network_in_training_mode_say_nothing_of_the_labels(
    report: MakeReport, training: bool, count: int
) -> None:
    modes = {"phase": "evaluation", "model_training": training, "batch_norm_training": 2 * training, "gradients": False}
    held_out = by_heart(report, 0.1, np.linspace(2.31, 3.5, 12).tolist())
    held_out = type(held_out)(**{**vars_of(held_out), "facts": (*held_out.facts, fact("modes", modes, 25))})
    assert len(found("labels_unrelated_to_inputs", held_out)) == count


def vars_of(report: Any) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


MEASURED = IMAGES | {"shape": [40, 16], "features": 16}
GRADIENT = {"form": "cross_entropy", "scale": 1 / 40, "output_shape": [40, 6], "outputs": 6, "looks": 1}


@pytest.mark.parametrize(
    ("seen", "form", "severity"),
    [
        (MEASURED, GRADIENT, "warning"),
        (MEASURED, GRADIENT | {"output_shape": [40, 3], "outputs": 3}, "note"),
        (MEASURED | {"binary": True}, GRADIENT, "note"),
        (MEASURED | {"shape": [40, 2], "features": 2}, GRADIENT, "note"),
    ],
    ids=["seven of a class", "thirteen of a class", "a table of bits", "places"],
)
def test_so_few_samples_of_each_class_are_a_batch_and_no_data(
    report: MakeReport, seen: dict[str, Any], form: dict[str, Any], severity: str
) -> None:
    facts = [fact("input", seen), fact("loss_gradient", form), *repeated(16, size=40, target_hash=None)]
    assert severities("repeated_batch", report(layers=network(6), facts=facts)) == [severity]


def test_classes_of_a_criterion_count_as_well(report: MakeReport) -> None:
    labels = {"classes": 10, "labels_seen": 10, "label_counts": {str(number): 5 for number in range(10)}, "count": 50}
    shape = {"output_shape": [50, 10], "target_shape": [50], "input_shape": [50, 16]}
    seen = [fact("input", MEASURED | {"shape": [50, 16]}), fact("labels", labels)]
    facts = [*seen, fact("criterion", CROSS_ENTROPY | shape, type="CrossEntropyLoss"), *repeated(16, size=50)]
    assert severities("repeated_batch", report(layers=network(), facts=facts)) == ["warning"]


TEXTS = IMAGES | {"shape": [50, 18], "dtype": "int64", "features": 18, "integer_valued": True}


@pytest.mark.parametrize(
    ("seen", "size", "output", "severity"),
    [
        (TEXTS, 50, [50, 1], "warning"),
        (IMAGES | {"shape": [50, 1, 8, 8]}, 50, [50, 10], "warning"),
        (TEXTS, 50, [50, 18, 40], "note"),
        (TEXTS | {"shape": [50, 2]}, 50, [50, 10], "note"),
        (TEXTS | {"dtype": "float32"}, 50, [50, 1], "note"),
        (TEXTS | {"shape": [300, 18]}, 300, [300, 1], "note"),
    ],
    ids=["texts", "images", "a poem by heart", "sums of two", "a table", "as many as there may be"],
)
def test_images_and_texts_are_hardly_ever_trained_whole_in_a_batch_of_usual_size(
    report: MakeReport, seen: dict[str, Any], size: int, output: list[int], severity: str
) -> None:
    layers = network()
    layers[-1]["output_shape"] = output
    facts = [fact("input", seen), *repeated(16, size=size)]
    assert severities("repeated_batch", report(layers=layers, facts=facts)) == [severity]


BREAKS = {
    "loss": losses(2.0),
    "gradient_norm_total": broken(np.full(41, 1.0)),
    **{f"activation_std/{name}": SAMPLED for name in ("fc1", "fc2", "out")},
}


@pytest.mark.parametrize(
    ("made", "cause"), [({"target_requires_grad": True}, "unstable_loss"), ({}, "non_finite_input")]
)
def test_what_the_network_makes_itself_is_no_bad_target(report: MakeReport, made: dict[str, Any], cause: str) -> None:
    looks = [fact("input", {"looks": n, "rows": 32 * n}, n - 1) for n in (32, 64)]
    targets = [fact("target", {"looks": n, "count": 1024, "units": 1}, n - 1) for n in (32, 64)]
    targets[0]["details"] = {"looks": 32, "count": 1024, "units": 1}
    criterion = fact("criterion", {"output_shape": [32, 1], **made}, type="ContrastiveLoss")
    series = BREAKS | {"gradient_norm/out.weight": broken(np.full(41, 1.0))}
    later = report({"loss": [np.nan] * 40, "gradient_norm_total": [np.nan] * 40}, first_step=41)
    assert first_cause(report(series, layers=LAYERS, facts=[criterion, *looks, *targets]), later) == cause


@pytest.mark.parametrize(
    ("counts", "cause"),
    [
        ({"input": 0, "output": 64, "target": 64}, "unstable_loss"),
        ({"input": 0, "output": 0, "target": 64}, "non_finite_input"),
    ],
)
def test_a_target_that_breaks_with_the_output_did_not_break_it(
    report: MakeReport, counts: dict[str, int], cause: str
) -> None:
    seen = fact("nonfinite", {"nonfinite": counts}, 40, where="loss", owner="criterion_loss")
    series = {"loss": losses(), **{f"activation_std/{name}": SAMPLED for name in ("fc1", "fc2", "out")}}
    assert first_cause(report(series, layers=LAYERS, facts=[seen])) == cause


def test_of_weights_that_are_all_alike_no_scale_is_told(report: MakeReport) -> None:
    names = ("first.weight", "second.weight")
    alike = {f"weight_mean/{name}": [0.05] * 20 for name in names} | {
        f"weight_std/{name}": [0.0] * 20 for name in names
    }
    shown = {"loss": [2.3] * 20, "activation_std/first": [1e-9] * 20}
    told = found("initialisation", report(shown | alike, layers=network()))
    assert [finding.aspect for finding, _ in told] == ["alike", "alike"]


@pytest.mark.parametrize(("ratio", "count"), [(1e-6, 1), (0.0, 0)])
def test_an_epsilon_is_not_to_blame_where_nothing_moves_at_all(report: MakeReport, ratio: float, count: int) -> None:
    names = [f"{name}.weight" for name in ("first", "second", "output")]
    shares = {f"epsilon_dominated_fraction/{name}": np.ones(STEPS) for name in names}
    ratios = {f"update_ratio/{name}": np.full(STEPS, ratio) for name in names}
    assert len(found("adam_epsilon", report({"loss": FLAT} | shares | ratios, layers=network()))) == count


@pytest.mark.parametrize(("last", "cause"), [(60.0, "no_progress"), (200.0, "diverging")])
def test_a_loss_that_was_too_high_all_along_does_not_diverge(report: MakeReport, last: float, cause: str) -> None:
    loss = np.geomspace(60.0, last, 3 * STEPS) + np.random.default_rng(0).normal(size=3 * STEPS)
    told = report({"loss": loss, "criterion_loss": loss}, layers=network(), facts=[fact("criterion", CROSS_ENTROPY)])
    causes = [each.cause for finding, _ in found("no_progress", told) for each in finding.causes]
    assert causes == [cause]
