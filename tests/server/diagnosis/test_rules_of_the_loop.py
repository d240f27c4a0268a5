"""What the rules about loop, loss and optimizer conclude from hand-built reports: each fault, and what resembles it."""

import math
from typing import Any

import numpy as np
import pytest

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact, Layer

from .conftest import MakeReport, linear, parameter

LAYERS = [linear(f"fc{i}", i) for i in range(4)]
WEIGHTS = [f"fc{i}.weight" for i in range(4)]
STEPS = 160
ADAM: Fact = {"kind": "optimizer", "step": 0, "type": "Adam", "details": {"groups": [{"lr": 1e-3, "eps": 1e-8}]}}
SGD: Fact = {"kind": "optimizer", "step": 0, "type": "SGD", "details": {"groups": [{"lr": 1e-2}]}}
FLAT = np.full(STEPS, 2.3) + 0.01 * np.random.default_rng(0).standard_normal(STEPS)
FALLING = 0.3 + 2 * np.exp(-np.arange(STEPS) / 60)


def of_weights(statistic: str, value: Any) -> dict[str, Any]:
    """One statistic of every weight."""
    return {f"{statistic}/{name}": np.broadcast_to(value, STEPS) for name in WEIGHTS}


def criterion(kind: str, **details: Any) -> Fact:
    """What the criterion was fed."""
    shape = {"output_shape": [32, 16], "input_shape": [32, 16], "target_shape": [32]}
    return {"kind": "criterion", "step": 0, "type": kind, "details": shape | details}


def modes(phase: str, step: int, training: bool, gradients: bool, **counts: int) -> Fact:
    """The modes in one phase."""
    known = {"dropout": 2, "batch_norm": 0, "dropout_training": 2 * training, "batch_norm_training": 0}
    details = {"phase": phase, "model_training": training, "gradients": gradients, **known, **counts}
    return {"kind": "modes", "step": step, "details": details}


@pytest.fixture
def severity(report: MakeReport) -> Any:
    """`severity(rule, series, facts, layers)`: the worst that a rule says, None where it says nothing."""

    def judged(rule: str, series: dict[str, Any], facts: list[Fact] = [], layers: list[Layer] = LAYERS) -> str | None:  # noqa: B006
        judge = Judge()
        judge.add(report({"loss": FALLING, **series}, layers=layers, facts=facts))
        found = [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == rule]
        order = ["note", "warning", "critical"]
        return max((entry["severity"] for entry in found), key=order.index, default=None)

    return judged


CARRIED = {
    "gradient_norm_carried": np.r_[0.0, np.full(STEPS - 1, 2.0)],
    "gradient_norm_unclipped": np.full(STEPS, 2.1),
}
SUMS_TO_ONE = {"output_min": 0.0, "output_max": 0.4, "output_row_sum_min": 1.0, "output_row_sum_max": 1.0}
ONE_PASS = {"backward_passes": np.ones(STEPS)}


def test_gradients_that_are_carried_over_are_a_missing_zero_grad(severity: Any) -> None:
    assert severity("missing_zero_grad", CARRIED | ONE_PASS, [SGD]) == "warning"


def test_a_second_backward_pass_may_leave_gradients_that_are_zeroed_later(severity: Any) -> None:
    passes = {"backward_passes": np.full(STEPS, 2.0)}
    fresh = of_weights("gradient_cosine", 0.1)
    assert severity("missing_zero_grad", CARRIED | passes | fresh, [SGD]) is None
    summed = of_weights("gradient_cosine", 0.97)
    assert severity("missing_zero_grad", CARRIED | passes | summed, [SGD]) == "warning"


def test_accumulation_on_purpose_carries_nothing_over_a_step(severity: Any) -> None:
    series = CARRIED | {"gradient_norm_carried": np.zeros(STEPS), "backward_passes": np.full(STEPS, 4.0)}
    assert severity("missing_zero_grad", series, [SGD]) is None


def test_zeroing_between_backward_and_step_names_the_order(report: MakeReport) -> None:
    judge = Judge()
    series = of_weights("gradient_norm", 0.0) | {"gradient_norm_total": np.zeros(STEPS)}
    series |= {"loss": FLAT, "gradient_norm_unclipped": np.full(STEPS, 2.0), "gradient_clip_factor": np.zeros(STEPS)}
    judge.add(report(series, layers=LAYERS, facts=[SGD]))
    incident = judge.evaluate()["incidents"][0]
    assert incident["causes"][0]["cause"] == "no_gradient"
    assert "zero_grad() before loss.backward()" in incident["remedy"]


def test_an_expert_that_nothing_is_routed_to_is_a_note(severity: Any) -> None:
    layers = [linear("fc0", 0), *(linear(f"experts.{i}", i + 1) for i in range(4))]
    for layer, size in zip(layers[1:], (9, 14, 9, 0), strict=True):
        layer["output_shape"] = [size, 16] if size else None
    series = {f"gradient_norm/{name}.weight": np.ones(STEPS) for name in ("fc0", "experts.0", "experts.1", "experts.2")}
    assert severity("frozen_parameters", series, [SGD], layers) == "note"
    for layer in layers:
        layer["output_shape"] = [32, 16]
    assert severity("frozen_parameters", series, [SGD], layers) == "warning"


def test_a_loss_that_is_minus_the_criterion_has_the_wrong_sign(severity: Any) -> None:
    rising = 2.3 * np.exp(np.arange(STEPS) / 50)
    series = {"loss": -rising, "criterion_loss": rising}
    assert severity("loss_sign", series, [criterion("CrossEntropyLoss")]) == "warning"
    assert severity("loss_sign", {"criterion_loss": FALLING}, [criterion("CrossEntropyLoss")]) is None


def test_a_criterion_that_climbs_under_small_updates_has_the_wrong_sign(severity: Any) -> None:
    rising = 2.3 * np.exp(np.arange(STEPS) / 50)
    series = {"loss": rising, "criterion_loss": rising}
    small, large = of_weights("update_ratio", 2e-3), of_weights("update_ratio", 0.2)
    assert severity("loss_sign", series | small, [criterion("CrossEntropyLoss")]) in ("warning", "critical")
    assert severity("loss_sign", series | large, [criterion("CrossEntropyLoss")]) is None


def test_a_likelihood_that_levels_off_below_zero_is_healthy(severity: Any) -> None:
    levels_off = 2 - 40 * (1 - np.exp(-np.arange(STEPS) / 20))
    grows = {"activation_std/fc3": np.linspace(0.5, 9, STEPS)}
    assert severity("loss_sign", {"loss": levels_off} | grows) is None
    assert severity("loss_sign", {"loss": -2.3 - (np.arange(STEPS) / 20) ** 2} | grows) == "warning"


@pytest.mark.parametrize(("grown", "deserved"), [(200.0, "warning"), (3.0, None)])
def test_a_loss_that_falls_for_ever_with_the_weights_alone_has_the_wrong_sign_as_well(
    severity: Any, grown: float, deserved: str | None
) -> None:
    norm = {f"weight_norm/{WEIGHTS[0]}": np.geomspace(1, grown, STEPS)}
    assert severity("loss_sign", {"loss": -2.3 - np.geomspace(0.01, 1e4, STEPS)} | norm) == deserved


def test_a_summed_loss_is_named_where_it_makes_updates_too_large(severity: Any) -> None:
    wild = {"loss": np.r_[74.0, np.full(STEPS - 1, 400.0)]} | of_weights("update_ratio", 0.2)
    summed, mean = (criterion("CrossEntropyLoss", reduction=kind) for kind in ("sum", "mean"))
    assert severity("loss_reduction", wild, [SGD, summed]) in ("warning", "critical")
    assert severity("loss_reduction", wild, [SGD, mean]) is None
    assert severity("loss_reduction", wild, [ADAM, summed]) is None
    assert severity("loss_reduction", of_weights("update_ratio", 1e-3), [SGD, summed]) is None


@pytest.mark.parametrize(
    ("ratio", "left", "deserved"), [(0.05, 0.5, "warning"), (2e-3, 0.5, "note"), (0.05, 0.1, "note")]
)
def test_a_sum_that_rewrites_the_weights_to_this_day_is_wrong_though_the_loss_falls(
    severity: Any, ratio: float, left: float, deserved: str
) -> None:
    falls = 74.0 * (left + (1 - left) * np.exp(-np.arange(STEPS) / 40))
    series = {"loss": falls} | of_weights("update_ratio", np.r_[0.8, np.full(STEPS - 1, ratio)])
    assert severity("loss_reduction", series, [SGD, criterion("CrossEntropyLoss", reduction="sum")]) == deserved


@pytest.mark.parametrize(
    ("large", "small", "deserved"), [(1.0, 0.95, None), (1.0, 1.2, "warning"), (1e4, 0.95, "warning")]
)
def test_a_term_beside_one_a_hundred_times_larger_that_is_worse_than_chance_is_drowned(
    severity: Any, large: float, small: float, deserved: str | None
) -> None:
    """It falls all the while; at chance by the classes that the gradient tells, for the last layer is another head."""
    own, steps = np.log(10) * np.r_[1.0, np.linspace(small + 0.1, small, 2 * STEPS - 1)], np.arange(2 * STEPS)
    boxes = 500 * large * (1 + np.exp(-steps / 30))
    series = {"loss": boxes + own, "loss/kind": own, "loss/box": boxes}
    layers = [*LAYERS, linear("corner", 4, 16, 2)]
    assert severity("loss_scale", series, [gradient("cross_entropy", **RAW)], layers) == deserved


def test_a_mean_that_is_divided_by_the_batch_once_more_is_named_where_it_stops_the_updates(severity: Any) -> None:
    stays, passes = FLAT + 0.001, {"backward_passes": np.full(STEPS, 32.0)}
    divided = {"loss": stays / 32, "criterion_loss": stays} | of_weights("update_ratio", 2e-4)
    mean = criterion("CrossEntropyLoss", reduction="mean", output_shape=[32, 10], classes=10)
    assert severity("loss_reduction", divided, [SGD, mean]) == "warning"
    assert severity("loss_reduction", divided, [ADAM, mean]) is None
    assert severity("loss_reduction", divided | passes, [SGD, mean]) is None
    assert severity("loss_reduction", divided | {"loss": stays / 4}, [SGD, mean]) is None
    assert severity("loss_reduction", divided | of_weights("update_ratio", 2e-3), [SGD, mean]) is None
    learned = {"loss": FALLING / 32, "criterion_loss": FALLING}
    assert severity("loss_reduction", divided | learned, [SGD, mean]) is None


def test_a_function_that_is_divided_by_the_batch_once_more_is_told_by_its_gradient(severity: Any) -> None:
    stays = {"loss": (FLAT + 0.001) / 32} | of_weights("update_ratio", 2e-4)
    batch: Fact = {"kind": "batch", "step": 0, "details": {"phase": "training", "size": 32}}
    twice, once = (gradient("cross_entropy", **RAW, scale=scale) for scale in (1 / 32**2, 1 / 32))
    assert severity("loss_reduction", stays, [SGD, batch, twice]) == "warning"
    assert severity("loss_reduction", stays, [SGD, batch, once]) is None


def test_a_drowned_criterion_is_named_only_where_it_is_not_learned(severity: Any) -> None:
    large = 900 + np.exp(-np.arange(STEPS) / 30)
    facts = [criterion("CrossEntropyLoss", reduction="mean", classes=10, output_shape=[32, 10])]
    stays = FLAT + 0.001
    assert severity("loss_scale", {"loss": large + stays, "criterion_loss": stays}, facts) == "warning"
    assert severity("loss_scale", {"loss": large + FALLING, "criterion_loss": FALLING}, facts) is None
    assert severity("loss_scale", {"loss": 500 * stays, "criterion_loss": stays}, facts) is None


def test_dropout_in_a_validation_is_the_wrong_mode(severity: Any) -> None:
    validated = {"val_loss": np.full(STEPS, 1.0)}
    assert severity("train_eval_mode", validated, [modes("evaluation", 5, True, False)]) == "warning"
    assert severity("train_eval_mode", {}, [modes("evaluation", 5, True, False)]) == "note"
    monte_carlo = modes("evaluation", 5, False, False, dropout_training=2)
    assert severity("train_eval_mode", validated, [monte_carlo]) is None


def test_training_that_goes_on_in_evaluation_mode_is_the_wrong_mode(severity: Any) -> None:
    forgotten = [modes("training", 0, True, True), modes("training", 26, False, True)]
    assert severity("train_eval_mode", {}, forgotten) == "warning"
    assert severity("train_eval_mode", {}, [modes("training", 0, False, True)]) == "note"
    frozen_norms = modes("training", 0, True, True, dropout=0, dropout_training=0, batch_norm=3)
    assert severity("train_eval_mode", {}, [frozen_norms]) is None
    no_difference = modes("training", 26, False, True, dropout=0)
    assert severity("train_eval_mode", {}, [modes("training", 0, True, True, dropout=0), no_difference]) is None


def test_norms_of_a_frozen_network_stand_still_on_purpose(severity: Any) -> None:
    norms = modes("training", 0, False, True, dropout=0, batch_norm=3)
    at_chance = {"loss": np.r_[np.log(10), FALLING[1:]]}
    fed = criterion("CrossEntropyLoss", classes=10, label_counts={str(label): 3 for label in range(10)})
    assert severity("train_eval_mode", at_chance, [norms, fed]) == "warning"
    frozen = [linear("body", 0, 16, 16, trainable=False), linear("head", 1, 16, 10)]
    assert severity("train_eval_mode", at_chance, [norms, fed], frozen) == "note"


@pytest.mark.parametrize(
    ("way", "fed", "deserved"), [("", 0.1, "warning"), ("_reverse", 0.1, "note"), ("", 0.0, "warning")]
)
def test_a_recurrent_layer_asked_for_one_step_gets_no_gradient_back_in_time(
    report: MakeReport, way: str, fed: float, deserved: str
) -> None:
    names = [f"gru.weight_{kind}_l0{way}" for kind in ("ih", "hh")]
    gru: Layer = {"name": "gru", "type": "GRU", "order": 0, "output_shape": [32, 9, 16], "parameters": []}
    gru["parameters"] = [parameter(name, 48, 16) for name in names]
    judge = Judge()
    series = {f"gradient_norm/{name}": np.full(STEPS, norm) for name, norm in zip(names, (fed, 0.0), strict=True)}
    series |= {f"weight_norm/{name}": np.linspace(1, 2, STEPS) for name in names}
    series["gradient_norm/head.weight"] = np.full(STEPS, 0.1)
    judge.add(report({"loss": FALLING, **series}, layers=[gru, linear("head", 1, 16, 10)]))
    found = [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == "frozen_parameters"]
    assert [entry["severity"] for entry in found] == [deserved]
    assert ("step" in found[0]["summary"]) == (fed > 0)


def test_clipping_in_every_step_is_named_where_updates_are_small(severity: Any) -> None:
    clipped = {"loss": FLAT, "gradient_clip_factor": np.full(STEPS, 1e-3), "gradient_norm_total": np.full(STEPS, 1e-3)}
    assert severity("clipping_always_on", clipped | of_weights("update_ratio", 1e-6), [SGD]) == "warning"
    assert severity("clipping_always_on", clipped | of_weights("update_ratio", 5e-3), [SGD]) is None
    averaged = clipped | {"gradient_norm_total": np.geomspace(1, 0.1, STEPS)} | of_weights("update_ratio", 1e-6)
    assert severity("clipping_always_on", averaged, [SGD]) is None


def test_an_epsilon_above_the_second_moment_is_named_where_updates_are_tiny(severity: Any) -> None:
    drowned = {"loss": FLAT} | of_weights("epsilon_dominated_fraction", 1.0)
    assert severity("adam_epsilon", drowned | of_weights("update_ratio", 1e-6), [ADAM]) == "warning"
    assert severity("adam_epsilon", drowned | of_weights("update_ratio", 3e-3), [ADAM]) is None


def test_updates_lost_in_a_coarse_type_are_wrong_unless_the_rate_was_let_down(severity: Any) -> None:
    coarse = [{**layer, "parameters": [{**p, "dtype": "bfloat16"} for p in layer["parameters"]]} for layer in LAYERS]
    lost, rate = of_weights("update_lost_fraction", 0.9), {"learning_rate": np.full(STEPS, 1e-4)}
    assert severity("precision_underflow", lost | rate, [ADAM], coarse) == "warning"
    assert severity("precision_underflow", lost | rate, [ADAM], LAYERS) is None
    late = of_weights("update_lost_fraction", np.linspace(0, 1, STEPS))
    decayed = {"learning_rate": np.geomspace(1e-2, 1e-5, STEPS)}
    assert severity("precision_underflow", late | decayed, [ADAM], coarse) is None


def test_decay_that_pulls_harder_than_the_data_needs_harm(severity: Any) -> None:
    pulled = of_weights("weight_decay_ratio", 3.0)
    assert severity("over_regularised", pulled | {"loss": FLAT}) == "warning"
    assert severity("over_regularised", pulled) == "note"
    assert severity("over_regularised", of_weights("weight_decay_ratio", 0.1) | {"loss": FLAT}) is None


@pytest.mark.parametrize(
    ("late", "left", "shrinks_to", "deserved"),
    [(1.0, 0.36, 0.2, "warning"), (0.2, 0.36, 0.2, "note"), (1.0, 0.15, 0.2, "note"), (1.0, 0.36, 0.6, "note")],
)
def test_decay_that_holds_shrunk_weights_is_why_the_loss_stopped(
    severity: Any, late: float, left: float, shrinks_to: float, deserved: str
) -> None:
    steps = 400
    pulls, norms = np.r_[np.full(40, 3.0), np.full(steps - 40, late)], np.geomspace(5.0, 5.0 * shrinks_to, steps)
    series = {f"weight_decay_ratio/{name}": pulls for name in WEIGHTS}
    series |= {f"weight_norm/{name}": norms for name in WEIGHTS}
    series["loss"] = np.log(10) * left * np.r_[np.linspace(2, 1, 40), np.ones(steps - 40)]
    seen = criterion("CrossEntropyLoss", output_shape=[32, 10], classes=10)
    assert severity("over_regularised", series, [seen]) == deserved


def test_a_dropout_is_measured_by_the_zeros_that_it_adds(severity: Any) -> None:
    dropout: Layer = {"name": "drop", "type": "Dropout", "order": 4, "output_shape": [32, 16], "parameters": []}
    zeros = {"activation_zero_fraction/fc3": np.full(STEPS, 0.5), "loss": FLAT}
    strong = zeros | {"activation_zero_fraction/drop": np.full(STEPS, 0.95)}
    weak = zeros | {"activation_zero_fraction/drop": np.full(STEPS, 0.75)}
    assert severity("over_regularised", strong, [], [*LAYERS, dropout]) == "warning"
    assert severity("over_regularised", weak, [], [*LAYERS, dropout]) is None


def test_a_bottleneck_is_a_layer_whose_few_units_are_all_that_the_next_is_fed(severity: Any) -> None:
    narrow = [linear("in", 0, 64, 1), linear("out", 1, 1, 10)]
    beside = [linear("in", 0, 64, 32), linear("score", 1, 32, 1), linear("out", 2, 32, 10)]
    healthy = {"loss": FLAT} | {f"update_ratio/{name}.weight": np.full(STEPS, 1e-3) for name in ("in", "score", "out")}
    assert severity("capacity_too_small", healthy, [], narrow) == "warning"
    assert severity("capacity_too_small", healthy, [], beside) is None


@pytest.mark.parametrize(
    ("targets", "ratio", "cosine", "deserved"),
    [
        ([1], 0.02, 0.0, "warning"),
        ([1, 1], 0.02, 0.2, "warning"),
        ([1], 0.1, 0.0, "warning"),
        ([1], 0.5, 0.0, None),
        ([1], 0.02, 0.6, None),
        ([1, 96], 0.02, 0.0, None),
        ([1], 2e-3, 0.0, None),
    ],
)
def test_a_large_step_for_each_sample_is_noise_though_the_loss_falls(
    report: MakeReport, targets: list[int], ratio: float, cosine: float, deserved: str | None
) -> None:
    shapes = {"output_shape": [1, 10], "input_shape": [1, 16], "target_shape": targets}
    size: Fact = {"kind": "batch", "step": 0, "details": {"phase": "training", "size": 1}}
    series = {f"gradient_cosine/{name}": np.full(STEPS, cosine) for name in WEIGHTS}
    series |= {f"update_ratio/{name}": np.full(STEPS, ratio) for name in WEIGHTS}
    judge = Judge()
    judge.add(report({"loss": FALLING, **series}, layers=LAYERS, facts=[criterion("CrossEntropyLoss", **shapes), size]))
    found = [entry["severity"] for entry in judge.evaluate()["warnings"] if entry["rule"] == "noisy_gradient"]
    assert found == ([deserved] if deserved else [])


@pytest.mark.parametrize(
    ("output", "start", "ratio", "deserved"),
    [([1, 10], 2.3, 0.02, "warning"), ([1, 10], 2.3, 2e-3, None), ([1, 9, 10], 2.3, 0.02, None)],
    ids=["classes", "smaller updates", "a class at each place"],
)
def test_a_loss_of_classes_tells_what_a_sample_is_where_no_criterion_was_seen(
    report: MakeReport, output: list[int], start: float, ratio: float, deserved: str | None
) -> None:
    size: Fact = {"kind": "batch", "step": 0, "details": {"phase": "training", "size": 1}}
    series = {f"gradient_cosine/{name}": np.zeros(STEPS) for name in WEIGHTS}
    series |= {f"update_ratio/{name}": np.full(STEPS, ratio) for name in WEIGHTS}
    series["loss"] = start * (0.7 + 0.3 * np.exp(-np.arange(STEPS) / 60))
    head: Layer = {**linear("fc3", 3, 16, output[-1]), "output_shape": output}
    judge = Judge()
    judge.add(report(series, layers=[*LAYERS[:3], head], facts=[size]))
    found = [entry["severity"] for entry in judge.evaluate()["warnings"] if entry["rule"] == "noisy_gradient"]
    assert found == ([deserved] if deserved else [])


@pytest.mark.parametrize(
    ("output", "left", "deserved"),
    [([2, 1], 0.95, "warning"), ([2], 0.95, "warning"), ([2, 1], 0.3, None), ([2, 3], 0.95, None), ([1, 2], 0.9, None)],
    ids=["one number a sample", "the same without its axis", "learned", "several numbers", "one sample's numbers"],
)
def test_one_number_a_sample_tells_what_a_sample_is_where_no_criterion_was_seen(
    report: MakeReport, output: list[int], left: float, deserved: str | None
) -> None:
    size: Fact = {"kind": "batch", "step": 0, "details": {"phase": "training", "size": 2}}
    series = {f"gradient_cosine/{name}": np.zeros(STEPS) for name in WEIGHTS}
    series |= {f"update_ratio/{name}": np.full(STEPS, 0.02) for name in WEIGHTS}
    series["loss"] = 0.9 * (left + (1 - left) * np.exp(-np.arange(STEPS) / 60))
    head: Layer = {**linear("fc3", 3, 16, output[-1]), "output_shape": output}
    judge = Judge()
    judge.add(report(series, layers=[*LAYERS[:3], head], facts=[size]))
    found = [entry["severity"] for entry in judge.evaluate()["warnings"] if entry["rule"] == "noisy_gradient"]
    assert found == ([deserved] if deserved else [])


@pytest.mark.parametrize(
    ("batch", "ratio", "deserved"),
    [(1, 0.02, "warning"), (64, 0.02, None), (1, 2e-3, None), (1, 0.5, None)],
)
def test_updates_that_only_so_small_a_batch_makes_too_large_are_noise(
    report: MakeReport, batch: int, ratio: float, deserved: str | None
) -> None:
    steps = 1800
    shapes = {"output_shape": [batch, 10], "input_shape": [batch, 16], "target_shape": [batch]}
    size: Fact = {"kind": "batch", "step": 0, "details": {"phase": "training", "size": batch}}
    series = {f"gradient_cosine/{name}": np.zeros(steps) for name in WEIGHTS}
    series |= {f"update_ratio/{name}": np.r_[np.full(200, ratio), np.full(steps - 200, 1e-5)] for name in WEIGHTS}
    series["loss"] = np.full(steps, 2.36) + 0.01 * np.random.default_rng(1).standard_normal(steps)
    judge = Judge()
    judge.add(report(series, layers=LAYERS, facts=[criterion("CrossEntropyLoss", **shapes), size]))
    found = [entry["severity"] for entry in judge.evaluate()["warnings"] if entry["rule"] == "noisy_gradient"]
    assert found == ([deserved] if deserved else [])


@pytest.mark.parametrize(("std", "start", "deserved"), [(3.0, 12.0, "warning"), (0.1, 12.0, "note"), (3.0, 2.4, None)])
def test_a_first_loss_far_off_is_wrong_by_definition_where_the_output_layer_is_too_wide(
    severity: Any, std: float, start: float, deserved: str | None
) -> None:
    series = {"criterion_loss": np.r_[start, FALLING[1:]], "weight_std/fc3.weight": np.full(STEPS, std)}
    seen = criterion("CrossEntropyLoss", output_shape=[32, 16], classes=16)
    assert severity("loss_at_init", {**series, "loss": np.r_[start, FALLING[1:]]}, [seen]) == deserved


@pytest.mark.parametrize(("bias", "remedy"), [(420.0, "Start out.bias at 0"), (0.1, "Make the weights")])
def test_a_bias_that_starts_far_from_the_mean_of_the_targets_is_named(
    report: MakeReport, bias: float, remedy: str
) -> None:
    head = linear("out", 4, 16, 1)
    head["parameters"] = [*head["parameters"], parameter("out.bias", 1)]
    shapes = {"output_shape": [32, 1], "target_shape": [32, 1], "target_mean": 0.0, "target_std": 1.0}
    series = {"criterion_loss": np.full(STEPS, 1.8e5), "output_mean": np.full(STEPS, 420.0)}
    series |= {"loss": np.full(STEPS, 1.8e5), "weight_norm/out.bias": np.full(STEPS, bias)}
    judge = Judge()
    judge.add(report(series, layers=[*LAYERS, head], facts=[criterion("MSELoss", **shapes)]))
    (told,) = [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == "loss_at_init"]
    assert told["causes"][0]["cause"] == "loss_at_init"
    assert told["remedy"].startswith(remedy)


@pytest.mark.parametrize(
    ("momentum", "seen_before", "frozen", "deserved"),
    [(1e-4, 0, False, "warning"), (0.1, 0, False, None), (1e-4, 100_000, False, None), (1e-4, 0, True, None)],
)
def test_running_statistics_that_hardly_move_are_told_by_their_momentum(
    severity: Any, momentum: float, seen_before: int, frozen: bool, deserved: str | None
) -> None:
    known = {"batch_norm_momentum": momentum, "batch_norm_batches": seen_before}
    train = modes("training", 0, True, True, batch_norm=2, batch_norm_training=0 if frozen else 2)
    evaluate = modes("evaluation", 20, False, False, batch_norm=2)
    train["details"] |= known
    norm: Layer = {"name": "bn", "type": "BatchNorm1d", "order": 4, "output_shape": [32, 16], "parameters": []}
    late = np.full(STEPS, np.nan)
    late[::20] = 2.0
    series = {"val_loss": late, "activation_std/bn": np.ones(STEPS), "eval/activation_std/bn": np.ones(STEPS)}
    assert severity("stale_batch_norm", series, [train, evaluate], [*LAYERS, norm]) == deserved


@pytest.mark.parametrize(
    ("std", "start", "spread", "deserved"),
    [(1.0, 12.0, 40.0, "warning"), (0.1, 12.0, 40.0, "note"), (1.0, 2.4, 40.0, None), (1.0, 12.0, 1.0, None)],
)
def test_a_first_loss_far_off_is_told_of_a_function_and_of_a_matrix_by_hand(
    severity: Any, std: float, start: float, spread: float, deserved: str | None
) -> None:
    """Outputs that hardly differ cannot cost so much: there is another term in the loss."""
    shapes = {"table": [10, 8], "first": [8, 200], "second": [200, 10]}
    matrices: Any = [{"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()]
    net: Layer = {"name": "Net", "type": "Net", "order": 0, "output_shape": [32, 10], "parameters": matrices}
    told = gradient("cross_entropy", **RAW | {"output_min": -spread / 2, "output_max": spread / 2})
    told["step"] = 0
    series = {"loss": np.r_[start, FALLING[1:]], "weight_std/second": np.full(STEPS, std)}
    assert severity("loss_at_init", series, [told], [net]) == deserved


def test_an_output_layer_tied_to_an_embedding_starts_as_embeddings_do(severity: Any) -> None:
    embedding: Layer = {**linear("fc3", 0), "name": "embedding", "type": "Embedding"}
    series = {"criterion_loss": np.r_[12.0, FALLING[1:]], "weight_std/fc3.weight": np.full(STEPS, 3.0)}
    seen = criterion("CrossEntropyLoss", output_shape=[32, 16], classes=16)
    assert severity("loss_at_init", series, [seen], [*LAYERS, embedding]) == "note"


def test_a_rate_that_is_gone_is_named_and_the_tail_of_a_cosine_is_not(severity: Any) -> None:
    gone = {"loss": FLAT, "learning_rate": 1e-3 * 0.6 ** np.arange(STEPS)}
    assert severity("learning_rate_schedule", gone) == "warning"
    cosine = {"loss": FLAT, "learning_rate": 5e-4 * (1 + np.cos(np.linspace(0, math.pi, STEPS)))}
    assert severity("learning_rate_schedule", cosine) is None


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("CrossEntropyLoss", {"output_shape": [32, 1], "target_shape": [32, 1]}),
        ("CrossEntropyLoss", SUMS_TO_ONE),
        ("MSELoss", {"output_shape": [32, 1], "output_min": 1.0, "output_max": 1.0}),
        ("KLDivLoss", {"output_max": 0.3}),
        ("BCEWithLogitsLoss", {"target_min": -1.0, "target_max": 1.0}),
        ("BCEWithLogitsLoss", SUMS_TO_ONE),
    ],
)
def test_numbers_show_what_the_criterion_should_not_be_fed(severity: Any, kind: str, details: dict[str, Any]) -> None:
    assert severity("loss_output_mismatch", {}, [criterion(kind, **details)]) == "warning"


def test_a_rectified_output_is_told_by_its_zeros_where_no_layer_tells(severity: Any) -> None:
    outputs = {"output_min": np.zeros(STEPS), "output_max": np.full(STEPS, 3.0), "loss": FLAT}
    signed, positive = (criterion("MSELoss", target_min=least, target_max=3.0) for least in (-3.0, 0.0))
    assert severity("loss_output_mismatch", outputs, [signed]) == "warning"
    assert severity("loss_output_mismatch", outputs, [positive]) is None


@pytest.mark.parametrize("kind", ["ReLU", "Softplus"])
def test_a_bound_of_the_last_layer_holds_where_its_one_unit_is_squeezed_away(severity: Any, kind: str) -> None:
    end: Layer = {"name": "end", "type": kind, "order": 4, "output_shape": [32, 1], "parameters": []}
    fed = {"output_shape": [32], "output_min": 0.0, "output_max": 0.4}
    signed, positive = (criterion("MSELoss", **fed, target_min=least, target_max=3.0) for least in (-3.0, 0.0))
    below = criterion("MSELoss", **fed | {"output_min": -0.1}, target_min=-3.0, target_max=3.0)
    assert severity("loss_output_mismatch", {}, [signed], [*LAYERS, end]) == "warning"
    assert severity("loss_output_mismatch", {}, [positive], [*LAYERS, end]) is None
    assert severity("loss_output_mismatch", {}, [below], [*LAYERS, end]) is None


def test_a_squashed_output_is_told_by_its_pile_up_at_the_bound(severity: Any) -> None:
    wide = criterion("MSELoss", target_min=-4.0, target_max=4.0)
    piled = {"output_min": np.full(STEPS, -0.999), "output_max": np.linspace(0.1, 0.9, STEPS), "loss": FLAT}
    assert severity("loss_output_mismatch", piled, [wide]) == "warning"
    by_chance = {"output_min": np.full(STEPS, -0.6), "output_max": np.linspace(0.1, 0.999, STEPS), "loss": FLAT}
    assert severity("loss_output_mismatch", by_chance, [wide]) is None
    positive = {"output_min": np.full(STEPS, 0.1), "output_max": np.linspace(0.2, 0.999, STEPS), "loss": FLAT}
    assert severity("loss_output_mismatch", positive, [wide]) is None


def evaluated(hits: float, worst: float) -> dict[str, Any]:
    """A validation loss that turns, with held-out predictions that come down to `hits`."""
    loss, accuracy = np.full(STEPS, np.nan), np.full(STEPS, np.nan)
    points = len(loss[::10])
    loss[::10] = np.r_[np.linspace(2.3, 0.3, 4), np.linspace(0.32, worst, points - 4)]
    accuracy[::10] = np.r_[np.linspace(0.1, 0.9, 4), np.linspace(0.9, hits, points - 4)]
    return {"val_loss": loss, "eval/prediction_accuracy": accuracy}


@pytest.mark.parametrize(
    ("hits", "worst", "deserved"), [(0.9, 0.8, "note"), (0.9, 1.8, "warning"), (0.8, 0.8, "warning")]
)
def test_overfitting_that_costs_no_hits_is_a_note(severity: Any, hits: float, worst: float, deserved: str) -> None:
    assert severity("overfitting", evaluated(hits, worst), [criterion("CrossEntropyLoss")]) == deserved


@pytest.mark.parametrize(
    ("left", "held_out", "deserved"), [(1e-3, 1.9, "warning"), (0.3, 1.9, None), (1e-3, 0.9, None)]
)
def test_samples_known_to_the_last_digit_are_known_by_heart(
    severity: Any, left: float, held_out: float, deserved: str | None
) -> None:
    validation = np.full(STEPS, np.nan)
    validation[::10] = np.r_[2.3, np.full(len(validation[::10]) - 1, held_out)]
    series = {"loss": 2.3 * np.exp(-np.arange(STEPS) / 5) + left, "val_loss": validation}
    assert severity("overfitting", series, [criterion("CrossEntropyLoss", classes=10)]) == deserved


@pytest.mark.parametrize(("loss", "deserved"), [(-3 - np.arange(60.0) ** 4, "warning"), (-3 - np.arange(60.0), None)])
def test_a_loss_without_a_floor_is_told_before_the_end_of_the_warm_up(
    severity: Any, loss: Any, deserved: str | None
) -> None:
    assert severity("loss_sign", {"loss": loss, "activation_std/fc3": np.geomspace(1, 100, 60)}) == deserved


@pytest.mark.parametrize(("late", "code", "deserved"), [(1e-3, 1e-3, "warning"), (1e-3, 1.0, None), (3.0, 1e-3, None)])
def test_a_code_that_its_divergence_emptied_is_a_term_too_large(
    severity: Any, late: float, code: float, deserved: str | None
) -> None:
    divergence, other = np.r_[4.0, np.full(STEPS - 1, late)], np.r_[0.3, np.full(STEPS - 1, 0.07)]
    terms = {"loss/kl": divergence, "loss/recon": other, "loss": divergence + other}
    assert severity("loss_scale", terms | {"activation_std/fc2": np.geomspace(0.5, code, STEPS)}) == deserved


@pytest.mark.parametrize(("start", "level", "deserved"), [(3.3, 2.303, "warning"), (3.3, 1.2, None)])
def test_chance_of_a_function_is_known_by_its_gradient(
    severity: Any, start: float, level: float, deserved: str | None
) -> None:
    form = {"form": "cross_entropy", "scale": 1 / 32, "output_shape": [32, 10], "outputs": 10, "looks": 1}
    told: Fact = {"kind": "loss_gradient", "step": 0, "details": form}
    loss = level + (start - level) * np.exp(-np.arange(STEPS) / 5) + 0.01 * np.random.default_rng(2).normal(size=STEPS)
    assert severity("no_progress", {"loss": loss}, [told]) == deserved


def test_of_a_text_the_likelihood_counts_and_not_the_hits(severity: Any) -> None:
    tokens = criterion("CrossEntropyLoss", target_shape=[32, 20])
    assert severity("overfitting", evaluated(0.9, 0.8), [tokens]) == "warning"


@pytest.mark.parametrize(("first", "deserved"), [(2.1, "note"), (3.0, "warning")])
def test_a_loss_that_came_down_under_large_first_updates_may_stop_at_noise(
    severity: Any, first: float, deserved: str
) -> None:
    at = np.arange(300)
    loss = np.select([at < 5, at < 30], [2.3, first], 1.4) + np.random.default_rng(0).normal(0, 0.02, 300)
    jolt = {f"update_ratio/{name}": np.where(at < 5, 0.5, 5e-3) for name in WEIGHTS}
    assert severity("learning_rate", jolt | {"loss": loss}) == deserved


@pytest.mark.parametrize(("batch", "deserved"), [(4, None), (32, "warning")])
def test_no_progress_needs_enough_samples(severity: Any, batch: int, deserved: str | None) -> None:
    shapes = {"output_shape": [batch, 10], "input_shape": [batch, 16], "target_shape": [batch]}
    assert severity("no_progress", {"loss": FLAT}, [criterion("CrossEntropyLoss", **shapes)]) == deserved


def test_without_a_criterion_a_softmax_is_doubted_only_while_the_loss_stays_above_the_floor(severity: Any) -> None:
    softmax: Layer = {"name": "end", "type": "Softmax", "order": 4, "output_shape": [32, 10], "parameters": []}
    layers = [*LAYERS, softmax]
    assert severity("loss_output_mismatch", {"loss": FLAT}, [], layers) == "warning"
    assert severity("loss_output_mismatch", {"loss": FALLING}, [], layers) is None


def gradient(form: str, **details: Any) -> Fact:
    """What the gradient at the model's output told of a loss that is a function."""
    known = {"form": form, "scale": 1 / 32, "error": 1e-6, "looks": 4, "output_shape": [32, 10], "outputs": 10}
    return {"kind": "loss_gradient", "step": 3, "details": known | details}


RAW = {"output_min": -2.0, "output_max": 3.0, "output_row_sum_min": -4.0, "output_row_sum_max": 5.0}


@pytest.mark.parametrize(
    ("form", "details"),
    [
        ("cross_entropy", SUMS_TO_ONE),
        ("cross_entropy_of_softmax", RAW),
        ("likelihood", RAW),
        ("likelihood", SUMS_TO_ONE),
        ("likelihood_of_softmax", RAW),
        ("binary_cross_entropy_with_logits", SUMS_TO_ONE),
        ("binary_cross_entropy_with_logits_of_sigmoid", RAW),
        ("binary_cross_entropy", RAW),
    ],
)
def test_of_a_function_the_gradient_tells_what_it_should_not_be_fed(
    severity: Any, form: str, details: dict[str, Any]
) -> None:
    seen = gradient(form, **details)
    assert severity("loss_output_mismatch", {"loss": FLAT - 4}, [seen, seen]) == "warning"
    assert severity("loss_output_mismatch", {}, [seen]) is None


def test_a_form_that_another_batch_denies_accuses_nobody(severity: Any) -> None:
    twice = gradient("cross_entropy_of_softmax", **RAW)
    plain = gradient("cross_entropy", **RAW)
    assert severity("loss_output_mismatch", {}, [plain, twice, twice]) is None
    assert severity("loss_output_mismatch", {}, [twice, plain, twice]) is None


def test_a_robust_loss_of_probabilities_is_no_likelihood_that_lacks_a_logarithm(severity: Any) -> None:
    seen = [gradient("likelihood_of_softmax", **RAW)] * 2
    absolute = np.full(STEPS, 0.9)
    assert severity("loss_output_mismatch", {"loss": absolute}, seen) is None
    assert severity("loss_output_mismatch", {"loss": absolute - 1}, seen) == "warning"


@pytest.mark.parametrize(
    ("form", "details"),
    [
        ("cross_entropy", RAW),
        ("likelihood", {**RAW, "output_max": -0.01}),
        ("likelihood", {**RAW, "looks": 2}),
        ("likelihood_of_logarithm", SUMS_TO_ONE),
        ("binary_cross_entropy", SUMS_TO_ONE),
        ("squared_error", SUMS_TO_ONE),
    ],
)
def test_a_function_that_is_fed_what_it_asks_for_is_left_alone(report: MakeReport, form: str, details: Any) -> None:
    judge = Judge()
    judge.add(report({"loss": FALLING}, layers=LAYERS, facts=[gradient(form, **details)]))
    (rule,) = [entry for entry in judge.evaluate()["rules"] if entry["rule"] == "loss_output_mismatch"]
    assert (rule["state"], rule["why"]) == ("not_measured", "not measured: pass criterion=")


@pytest.mark.parametrize(("scale", "deserved"), [(-1 / 32, "warning"), (-1.0, "warning"), (1 / 32, None), (-0.4, None)])
def test_of_a_function_the_gradient_tells_the_sign(severity: Any, scale: float, deserved: str | None) -> None:
    assert severity("loss_sign", {}, [gradient("cross_entropy", **RAW, scale=scale)]) == deserved


def test_maximising_minus_a_loss_is_minimising_it(severity: Any) -> None:
    maximize: Fact = {"kind": "optimizer", "step": 0, "type": "SGD", "details": {"groups": [{"maximize": True}]}}
    negated, plain = (gradient("cross_entropy", **RAW, scale=scale) for scale in (-1 / 32, 1 / 32))
    assert severity("loss_sign", {}, [negated, maximize]) is None
    assert severity("loss_sign", {}, [plain, maximize]) == "warning"


def test_a_softmax_along_another_axis_is_told_by_the_layer(severity: Any) -> None:
    softmax: Layer = {"name": "end", "type": "Softmax", "order": 4, "output_shape": [32, 10], "parameters": []}
    seen = criterion("CrossEntropyLoss", output_shape=[32, 10], output_min=0.0, output_max=0.2)
    assert severity("loss_output_mismatch", {}, [seen], [*LAYERS, softmax]) == "warning"
    assert severity("loss_output_mismatch", {}, [seen], LAYERS) is None


def test_where_gradients_are_not_looked_at_nothing_is_said_of_their_being_zeroed(severity: Any) -> None:
    assert severity("frozen_parameters", {"gradient_norm_unclipped": np.full(STEPS, 2.0)}, [SGD]) is None


def test_a_loss_that_is_minus_the_criterion_is_told_though_it_breaks_at_once(severity: Any) -> None:
    rising = np.r_[0.7, 3.0, 1e4, 1e20, np.full(STEPS - 4, np.nan)]
    series = {"loss": -rising, "criterion_loss": rising}
    assert severity("loss_sign", series, [criterion("MSELoss")]) == "critical"
    assert severity("loss_sign", {"loss": rising, "criterion_loss": rising}, [criterion("MSELoss")]) is None


@pytest.mark.parametrize(("term", "said"), [(300.0, "critical"), (3.0, None)])
def test_a_term_that_drowns_the_criterion_and_ruins_the_network_at_once_is_named(
    severity: Any, term: float, said: str | None
) -> None:
    own = np.r_[2.3, 1e3, np.full(STEPS - 2, np.nan)]
    series = {"criterion_loss": own, "loss/auxiliary": own * term / 2.3, "loss/classes": own}
    series |= {"loss": own + series["loss/auxiliary"]} | of_weights("update_ratio", 0.9)
    facts = [SGD, criterion("CrossEntropyLoss", reduction="mean", classes=10)]
    assert severity("loss_scale", series, facts) == said


@pytest.mark.parametrize(
    ("kl", "weight", "deserved"), [(-1.0, 1.0, "warning"), (-1.0, 0.1, "warning"), (-1.0, -1.0, None), (1.0, 1.0, None)]
)
def test_a_divergence_below_zero_that_adds_to_the_loss_has_the_wrong_sign(
    severity: Any, kl: float, weight: float, deserved: str | None
) -> None:
    """It may be logged with a minus, and subtracted."""
    terms = {"reconstruction": 20 * FALLING, "kl": kl * np.linspace(0.5, 60, STEPS)}
    series = terms | {"loss": terms["reconstruction"] + weight * terms["kl"], "accuracy": FLAT}
    assert severity("loss_sign", series) == deserved


def test_an_estimate_of_a_divergence_that_errs_about_zero_has_no_wrong_sign(severity: Any) -> None:
    terms = {"reconstruction": 20 * FALLING, "kl": -0.01 - 0.005 * np.sin(np.arange(STEPS))}
    assert severity("loss_sign", terms | {"loss": terms["reconstruction"] + terms["kl"]}) is None


def test_a_summed_loss_is_held_against_a_summed_chance(severity: Any) -> None:
    stuck = {"loss": np.r_[74.0, 9e3, np.full(STEPS - 2, 75.0) + 7 * FLAT[2:]]} | of_weights("update_ratio", 0.5)
    facts = [SGD, criterion("CrossEntropyLoss", reduction="sum", output_shape=[32, 10], classes=10)]
    assert severity("loss_reduction", stuck, facts) == "warning"
    assert severity("loss_reduction", {"loss": 32 * FALLING} | of_weights("update_ratio", 1e-3), facts) is None


def test_one_unit_before_many_classes_needs_no_stall(severity: Any) -> None:
    falling = {"loss": 1.5 + FALLING} | {f"update_ratio/{name}.weight": np.full(STEPS, 1e-3) for name in ("in", "out")}
    one, two = ([linear("in", 0, 64, width), linear("out", 1, width, 10)] for width in (1, 2))
    classes, pixels = criterion("CrossEntropyLoss", classes=10), criterion("MSELoss")
    assert severity("capacity_too_small", falling, [classes], one) == "warning"
    assert severity("capacity_too_small", falling, [classes], two) == "note"
    assert severity("capacity_too_small", falling, [pixels], one) == "note"
    thrown = falling | {f"update_ratio/{name}.weight": np.full(STEPS, 0.1) for name in ("in", "out")}
    assert severity("capacity_too_small", thrown, [classes], one) == "warning"
    form = {"form": "cross_entropy", "scale": 1 / 32, "looks": 1, "outputs": 10, "output_shape": [32, 10]}
    function: Fact = {"kind": "loss_gradient", "step": 0, "details": form}
    assert severity("capacity_too_small", falling, [function], one) == "warning"
    assert severity("capacity_too_small", falling | {"loss": FALLING}, [classes], one) == "note"


@pytest.mark.parametrize(
    ("width", "fall", "deserved"),
    [(2, 0.0005, "warning"), (2, 0.003, "note"), (2, 0.006, "note"), (4, 0.0005, "note")],
    ids=["creeps", "comes down soon", "learned", "four units"],
)
def test_two_units_before_many_classes_need_no_stall_where_the_loss_creeps(
    severity: Any, width: int, fall: float, deserved: str
) -> None:
    layers = [linear("in", 0, 64, width), linear("out", 1, width, 20)]
    at = np.arange(300)
    loss = 2.2 + 0.8 * np.exp(-at / 20) - fall * at
    series = {"loss": loss} | {f"update_ratio/{name}.weight": np.full(300, 1e-3) for name in ("in", "out")}
    assert severity("capacity_too_small", series, [criterion("CrossEntropyLoss", classes=20)], layers) == deserved


def test_a_gate_or_an_adapter_gives_back_what_it_took_and_is_no_bottleneck(severity: Any) -> None:
    gate = [linear("in", 0, 8, 64), linear("down", 1, 64, 1), linear("up", 2, 1, 64), linear("out", 3, 64, 10)]
    middle = [*gate[:2], linear("up", 2, 1, 32), linear("out", 3, 32, 10)]
    series = {"loss": 1.5 + FALLING} | {f"update_ratio/{layer['name']}.weight": np.full(STEPS, 1e-3) for layer in gate}
    classes = criterion("CrossEntropyLoss", classes=10)
    assert severity("capacity_too_small", series, [classes], gate) is None
    assert severity("capacity_too_small", series, [classes], middle) == "warning"


def test_a_skinny_network_bends_no_surface_once_its_loss_stands(severity: Any) -> None:
    updates = {f"update_ratio/{name}.weight": np.full(STEPS, 1e-3) for name in ("in", "out")}
    skinny, wide = ([linear("in", 0, 2, width), linear("out", 1, width, 1)] for width in (2, 3))
    assert severity("capacity_too_small", {"loss": FLAT} | updates, [], skinny) == "warning"
    assert severity("capacity_too_small", {"loss": FALLING} | updates, [], skinny) == "note"
    assert severity("capacity_too_small", {"loss": FLAT} | updates, [], wide) is None


def test_a_network_that_is_frozen_untrained_is_wrong_and_an_adapted_one_is_not(severity: Any) -> None:
    frozen = [linear(f"fc{i}", i, outputs=10, trainable=False) for i in range(3)]
    facts = [criterion("CrossEntropyLoss", classes=10, output_shape=[32, 10], reduction="mean")]
    falling = np.linspace(2.35, 1.5, STEPS)
    assert severity("frozen_parameters", {"loss": falling}, facts, frozen) == "warning"
    assert severity("frozen_parameters", {"loss": falling - 1.4}, facts, frozen) == "note"
