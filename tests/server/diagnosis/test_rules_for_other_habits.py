"""What other people's programs showed to be missing: each mechanism on hand-built reports."""

from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_incidents import warning
from tests.server.diagnosis.test_rules_of_layers import layer
from tests.server.diagnosis.test_rules_of_the_loop import modes
from tests.server.diagnosis.test_rules_of_what_goes_in import (
    CROSS_ENTROPY,
    IMAGES,
    batch,
    fact,
    found,
    network,
    severities,
)

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.epoch import fewer_than_they_can_tell, training_samples
from trainvitals_server.diagnosis.incidents import group
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Fact, Layer

STEPS = 300
CHANCE = float(np.log(10))
FALLING = 0.3 + 2 * np.exp(-np.arange(STEPS) / 60)
TINY = fact("input", IMAGES | {"min": -4e-4, "max": 4e-4, "mean": 0.0, "std": 1e-4})
CRITERION: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"classes": 10}}  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize(("made", "count"), [(0.11, 1), (0.5, 0)])
def test_of_tiny_inputs_the_first_layer_makes_its_bias_alone_unless_they_are_scaled_up(
    report: MakeReport, made: float, count: int
) -> None:
    first = {"activation_mean/first": [0.0], "activation_std/first": [made]}
    assert len(found("input_not_normalised", report(first, layers=network(), facts=[TINY]))) == count


@pytest.mark.parametrize(
    ("start", "counts", "severity"),
    [
        (CHANCE, {}, "warning"),
        (0.4, {}, "note"),
        (0.4, {"batch_norm": 2, "batch_norm_batches": 0}, "warning"),
        (0.4, {"batch_norm": 2, "batch_norm_batches": 5000}, "note"),
    ],
)
def test_a_new_network_has_a_training_mode_to_learn_in(
    report: MakeReport, start: float, counts: dict[str, Any], severity: str
) -> None:
    series = {"loss": start * np.exp(-np.arange(STEPS) / 100)}
    told = found("train_eval_mode", report(series, facts=[CRITERION, modes("training", 0, False, True, **counts)]))
    assert [found_severity for _, found_severity in told] == [severity]


DROPOUT = [*network(), layer("relu", "ReLU", 3), layer("drop", "Dropout", 4)]


@pytest.mark.parametrize(("loss", "severity"), [(np.full(STEPS, CHANCE), "warning"), (FALLING, "note")])
def test_a_dropout_that_leaves_hardly_anything_is_wrong_where_hardly_anything_is_learned(
    report: MakeReport, loss: Any, severity: str
) -> None:
    # The scores of so few units are large: the loss falls from far above chance, which is no progress.
    loss = loss.copy()
    loss[:10] += 3.0
    layers = [{**one, "output_shape": [32, 16]} for one in DROPOUT]
    zeros = {
        "activation_zero_fraction/relu": np.full(STEPS, 0.5),
        "activation_zero_fraction/drop": np.full(STEPS, 0.98),
    }
    told = found("over_regularised", report({"loss": loss, **zeros}, layers=layers, facts=[CRITERION]))
    assert [found_severity for _, found_severity in told] == [severity]


@pytest.mark.parametrize(("dead", "cause"), [(1.0, "dead_units"), (0.6, "no_gradient")])
def test_a_gradient_of_zero_before_a_layer_without_a_living_unit_is_named_by_that(
    report: MakeReport, dead: float, cause: str
) -> None:
    layers: list[Layer] = [linear("first", 0), layer("relu", "ReLU", 1), linear("output", 2)]
    series = {
        "loss": np.full(STEPS, CHANCE),
        "gradient_norm/first.weight": np.zeros(STEPS),
        "gradient_norm/output.weight": np.ones(STEPS),
        "dead_unit_fraction/relu": np.full(STEPS, dead),
    }
    causes = [finding.causes[0].cause for finding, _ in found("frozen_parameters", report(series, layers=layers))]
    assert causes == [cause]


def test_what_was_only_seen_to_go_wrong_waits_for_its_reason() -> None:
    (incident,) = group([warning("no_progress", "", 0), warning("learning_rate_too_low", "", 200)], {}, 20)
    assert [cause.cause for cause in incident.causes] == ["learning_rate_too_low", "no_progress"]
    apart = group([warning("diverging", "", 0), warning("class_imbalance", "", 200)], {}, 20)
    assert len(apart) == 2


def test_a_loss_without_a_floor_is_told_of_a_run_that_logs_now_and_then(report: MakeReport) -> None:
    judge = Judge()
    layers = network()
    for place in range(15):
        falls = {"loss": [-2.3 * 3.0**place], "activation_std/output": [0.3 * 3.0**place]}
        judge.add(report(falls, first_step=place * 20, layers=layers))
    assert "loss_sign" in {entry["rule"] for entry in judge.evaluate()["warnings"]}


@pytest.mark.parametrize(
    ("widths", "pairs", "count"),
    [
        ((6, 12, 12), [["fc1.weight", "fc2.weight"]], 1),
        ((12, 3, 12), [["fc1.weight", "fc2.weight"]], 0),
        ((6, 12, 12), [], 0),
        ((6, 12, 12), [["fc1.weight", "of_another_model.weight"]], 0),
    ],
)
def test_layers_that_the_graph_shows_in_a_row_are_one_unless_they_factorise(
    report: MakeReport, widths: tuple[int, int, int], pairs: list[list[str]], count: int
) -> None:
    inputs, between, outputs = widths
    layers = [linear("fc1", 0, inputs, between), layer("act", "ReLU", 1), linear("fc2", 2, between, outputs)]
    wiring = fact("wiring", {"pairs": pairs, "linear": False})
    assert len(found("missing_nonlinearity", report(layers=layers, facts=[wiring]))) == count


@pytest.mark.parametrize(
    ("widths", "biased", "linear_graph", "severity"),
    [
        ((48, 8, 3), False, False, "note"),
        ((48, 8, 3), True, False, "note"),
        ((8, 48, 48), False, False, "note"),
        ((8, 48, 3), True, False, "warning"),
        ((48, 8, 3), False, True, "warning"),
    ],
    ids=["projection", "narrow head", "widened without bias", "a hidden layer", "nothing else is non-linear"],
)
def test_one_pair_of_a_network_that_is_not_linear_may_be_a_projection_on_purpose(
    report: MakeReport, widths: tuple[int, int, int], biased: bool, linear_graph: bool, severity: str
) -> None:
    inputs, between, outputs = widths
    first = linear("narrow", 4, inputs, between)
    first["parameters"] += [parameter("narrow.bias", between)] if biased else []
    body = [part for i in range(2) for part in (linear(f"l{i}", 2 * i), layer(f"act{i}", "ReLU", 2 * i + 1))]
    wiring = fact("wiring", {"pairs": [["narrow.weight", "classify.weight"]], "linear": linear_graph})
    told = report(layers=[*body, first, linear("classify", 5, between, outputs)], facts=[wiring])
    assert severities("missing_nonlinearity", told) == [severity]


SHARED = {"looks": 16, "shared": 16, "variation": 0.1, "apart": 0.5}


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({}, 1),
        ({"looks": 4, "shared": 4}, 0),
        ({"shared": 15}, 0),
        ({"variation": 1e-5}, 0),
        ({"apart": 1e-4}, 0),
    ],
)
def test_gradients_that_follow_from_the_output_alone_are_a_broadcast(
    report: MakeReport, told: dict[str, Any], count: int
) -> None:
    seen = fact("shared_target", SHARED | told)
    assert len(found("shape_broadcast", report({"loss": FALLING}, layers=network(1), facts=[seen]))) == count


@pytest.mark.parametrize(("norm", "cause"), [(0.0, "bad_initialisation"), (1.0, "no_gradient")])
def test_weights_of_zero_behind_weights_of_zero_never_get_a_gradient(
    report: MakeReport, norm: float, cause: str
) -> None:
    series = {
        "loss": np.full(STEPS, CHANCE),
        "gradient_norm/first.weight": np.zeros(STEPS),
        "weight_norm/first.weight": np.full(STEPS, norm),
        "gradient_norm/output.weight": np.ones(STEPS),
    }
    layers = [linear("first", 0), linear("output", 1)]
    assert [f.causes[0].cause for f, _ in found("frozen_parameters", report(series, layers=layers))] == [cause]


@pytest.mark.parametrize(
    ("outputs", "kind", "cause"),
    [
        (46.0, "", "unstable_loss"),
        (5000.0, "", "learning_rate_too_high"),
        (46.0, "CrossEntropyLoss", "learning_rate_too_high"),
    ],
)
def test_a_loss_that_is_not_finite_of_moderate_outputs_is_at_fault_itself(
    report: MakeReport, outputs: float, kind: str, cause: str
) -> None:
    layers = network()
    loss = np.r_[np.full(12, 0.7), np.full(8, np.nan)]
    series: dict[str, Any] = {"loss": loss}
    for one in layers:
        series[f"activation_absmax/{one['name']}"] = np.r_[np.full(12, 3.0), outputs, np.full(7, np.nan)]
        series[f"activation_std/{one['name']}"] = np.r_[np.full(13, 1.0), np.full(7, np.nan)]
        series[f"update_ratio/{one['name']}.weight"] = np.full(20, 0.14)
    told: list[Fact] = [{**CRITERION, "type": kind}] if kind else []
    ((finding, _),) = found("non_finite", report(series, layers=layers, facts=told))
    assert finding.causes[0].cause == cause


def passes(batches: int, count: int, spread: float = 0.0) -> dict[str, Any]:
    """Mean and std of the inputs of `count` passes over the same samples, each shuffled into so many batches."""
    generator = np.random.default_rng(0)
    samples = generator.normal(0, 1, (20 * batches, 200))
    means, stds = [], []
    for _ in range(count):
        for part in np.split(generator.permutation(samples), batches):
            means.append(part.mean() + spread * generator.normal())
            stds.append(part.std())
    return {"input_mean": np.array(means), "input_std": np.array(stds)}


SIXTY = fact("input", IMAGES | {"shape": [20, 200], "features": 200})


@pytest.mark.parametrize(("batches", "spread", "samples"), [(3, 0.0, 60), (1, 0.0, 20), (3, 0.1, None)])
def test_passes_that_add_up_to_the_same_tell_how_many_samples_there_are(
    report: MakeReport, batches: int, spread: float, samples: int | None
) -> None:
    signals = Signals()
    signals.add(report(passes(batches, 6, spread), facts=[SIXTY]))
    assert training_samples(signals) == samples
    assert fewer_than_they_can_tell(signals) == (samples is not None)


@pytest.mark.parametrize(("words", "few"), [(80, True), (20, False)])
def test_samples_of_few_words_are_fewer_than_can_tell_where_there_are_more_words(
    report: MakeReport, words: int, few: bool
) -> None:
    """Of 60 texts of 8 words each any labels are a sum over which of 80 words occur in them."""
    texts = fact("input", IMAGES | {"shape": [20, 8], "features": 8, "dtype": "int64", "min": 0.0, "max": words - 1.0})
    signals = Signals()
    signals.add(report(passes(3, 6), facts=[texts]))
    assert fewer_than_they_can_tell(signals) == few


def test_one_small_batch_of_classes_with_more_features_is_not_all_there_is(report: MakeReport) -> None:
    def severities(features: int) -> list[str]:
        same = [batch(step, input_hash="same", target_hash="same", size=32) for step in range(20)]
        fed = fact("input", IMAGES | {"shape": [32, features], "features": features})
        labels = fact("criterion", CROSS_ENTROPY | {"target_shape": [32], "input_shape": [32, features]})
        wide = [linear("first", 0, features, 64), linear("output", 1, 64, 10)]
        return [severity for _, severity in found("repeated_batch", report(layers=wide, facts=[fed, labels, *same]))]

    assert severities(24) == ["warning"]
    assert severities(2) == ["note"]


def test_one_answer_in_all_late_looks_misses_the_rare_class_whatever_was_hit_at_first(report: MakeReport) -> None:
    counts = {"labels_seen": 2, "classes": 2, "count": 2000, "label_counts": {"0": 1960, "1": 40}}
    binary = {"output_shape": [64], "target_shape": [64], "classes": 2}
    told = [fact("criterion", binary, type="BCEWithLogitsLoss"), fact("labels", counts)]
    steps = 400
    series = {
        "loss": np.full(steps, 0.1),
        "rare_class_recall": np.full(steps, 0.09),
        "prediction_majority_fraction": np.r_[np.full(50, 0.6), np.full(steps - 50, 1.0)],
    }
    assert [severity for _, severity in found("class_imbalance", report(series, facts=told))] == ["warning"]


@pytest.mark.parametrize(("since", "severity"), [(4, "warning"), (110, "note")])
def test_one_answer_to_more_samples_than_there_are_rare_ones_misses_them_in_a_short_run_too(
    report: MakeReport, since: int, severity: str
) -> None:
    counts = {"labels_seen": 2, "classes": 2, "count": 2000, "label_counts": {"0": 1960, "1": 40}}
    binary = {"output_shape": [64], "target_shape": [64], "classes": 2}
    told = [fact("criterion", binary, type="BCEWithLogitsLoss"), fact("labels", counts)]
    looks = np.r_[0:20, 30:150:30]
    answers = np.full(150, np.nan)
    answers[looks] = np.where(looks < since, 0.9, 1.0)
    series = {
        "loss": 0.095 + 0.5 * np.exp(-np.arange(150) / 5) + np.random.default_rng(3).normal(0, 0.01, 150),
        "rare_class_recall": np.where(np.isnan(answers), np.nan, 0.09),
        "prediction_majority_fraction": answers,
    }
    assert [deserved for _, deserved in found("class_imbalance", report(series, facts=told))] == [severity]


SQUARED: Fact = {
    "kind": "criterion",
    "step": 0,
    "type": "MSELoss",
    "details": {"output_shape": [32, 1], "target_shape": [32, 1], "target_std": 1.0},
}  # type: ignore[typeddict-unknown-key]


def harm_of(report: MakeReport, loss: Any, criterion: Any = None) -> str | None:
    signals = Signals()
    signals.add(report({"loss": loss, "criterion_loss": loss if criterion is None else criterion}, facts=[SQUARED]))
    return signals.loss.harm.kind if signals.loss.harm is not None else None


def test_a_criterion_a_thousand_times_chance_harms_however_fast_it_falls(report: MakeReport) -> None:
    falling = 1e9 * np.exp(-np.arange(STEPS) / 30)
    assert harm_of(report, falling) == "diverging"
    assert harm_of(report, falling[:90]) is None
    assert harm_of(report, 1e3 * np.exp(-np.arange(STEPS) / 30)) is None


def test_a_sum_that_is_logged_is_not_held_against_the_chance_of_a_mean(report: MakeReport) -> None:
    mean = np.exp(-np.arange(STEPS) / 100)
    assert harm_of(report, 64 * mean, mean) is None


def test_a_loss_that_came_down_from_far_above_chance_is_given_time_there(report: MakeReport) -> None:
    level = 1 + np.random.default_rng(0).normal(0, 0.02, 400)
    level[:60] += 30 * np.exp(-np.arange(60) / 8)
    assert harm_of(report, level[:200]) is None
    assert harm_of(report, level) == "at_chance"


@pytest.mark.parametrize(
    ("factor", "left", "severity"), [(0.004, 0.9, "warning"), (0.004, 0.3, None), (0.3, 0.9, None)]
)
def test_a_limit_far_below_all_gradients_is_wrong_though_the_loss_creeps_down(
    report: MakeReport, factor: float, left: float, severity: str | None
) -> None:
    series: dict[str, Any] = {
        "loss": CHANCE * np.geomspace(1, left, STEPS),
        "gradient_clip_factor": np.full(STEPS, factor),
        "gradient_norm_total": np.full(STEPS, 1e-3),
    }
    ratios = {"first": 2e-5, "second": 2e-3, "output": 2e-3}
    series |= {f"update_ratio/{name}.weight": np.full(STEPS, ratio) for name, ratio in ratios.items()}
    told = found("clipping_always_on", report(series, layers=network(), facts=[CRITERION]))
    assert [found_severity for _, found_severity in told] == ([severity] if severity else [])


@pytest.mark.parametrize(("std", "count"), [(0.0, 0), (1e-4, 1)])
def test_a_state_that_starts_at_zero_is_no_sign_of_small_weights(report: MakeReport, std: float, count: int) -> None:
    series = {
        "activation_std/second": [std, 1.0],
        "activation_std/first": [0.5, 0.5],
        "weight_std/first.weight": [1e-4, 1e-4],
        "weight_mean/first.weight": [0.0, 0.0],
    }
    assert len(found("initialisation", report(series, layers=network()))) == count


@pytest.mark.parametrize(("moves", "count"), [(0.0, 1), (0.01, 0)])
def test_a_weight_that_moves_is_in_an_optimizer_that_is_not_watched(
    report: MakeReport, moves: float, count: int
) -> None:
    layers = [linear("first", 0), linear("second", 1, in_optimizer=False)]
    series = {"loss": FALLING, "weight_norm/second.weight": 1 + moves * np.arange(STEPS)}
    causes = [finding.causes[0].cause for finding, _ in found("frozen_parameters", report(series, layers=layers))]
    assert causes == ["not_in_optimizer"] * count


def test_a_dropout_is_known_by_its_probability_whatever_dies_before_it(report: MakeReport) -> None:
    drop: Layer = {**layer("drop", "Dropout", 4), "attributes": {"p": 0.1}}
    relu = layer("relu", "ReLU", 3)
    zeros = {"activation_zero_fraction/relu": np.zeros(STEPS), "activation_zero_fraction/drop": np.full(STEPS, 0.99)}
    told = report({"loss": np.full(STEPS, CHANCE), **zeros}, layers=[*network(), relu, drop], facts=[CRITERION])
    assert not found("over_regularised", told)


def ratios(first: float, then: float) -> dict[str, Any]:
    return {
        f"update_ratio/{name}.weight": np.r_[first, np.full(STEPS - 1, then)] for name in ("first", "second", "output")
    }


@pytest.mark.parametrize(
    ("first", "end", "severity"), [(5000.0, 0.5, "critical"), (14.0, 1.2, "critical"), (14.0, 0.2, "note")]
)
def test_weights_of_which_nothing_was_left_are_no_matter_of_harm(
    report: MakeReport, first: float, end: float, severity: str
) -> None:
    loss = np.r_[1.0, np.geomspace(1e5, end, 60), np.full(STEPS - 61, end)]
    told = found("learning_rate", report({"loss": loss} | ratios(first, 2e-3), layers=network()))
    assert [found_severity for _, found_severity in told] == [severity]


@pytest.mark.parametrize(("ratio", "severity"), [(5e-7, "warning"), (5e-5, "note")])
def test_updates_that_cannot_arrive_anywhere_need_no_quiet_loss(
    report: MakeReport, ratio: float, severity: str
) -> None:
    noisy = np.abs(1 + np.random.default_rng(0).normal(0, 0.4, STEPS))
    told = found("learning_rate", report({"loss": noisy} | ratios(ratio, ratio), layers=network()))
    assert [found_severity for _, found_severity in told] == [severity]


@pytest.mark.parametrize(
    ("then", "std", "severity"),
    [
        pytest.param(0.02, 40.0, "critical", id="thrown apart, and thrown about to this day"),
        pytest.param(2e-3, 40.0, "note", id="the updates have settled"),
        pytest.param(0.02, 2.5, "note", id="no layer grew tenfold"),
    ],
)
def test_what_the_first_updates_threw_apart_cannot_settle_while_they_stay_as_large(
    report: MakeReport, then: float, std: float, severity: str
) -> None:
    loss = np.r_[2.0, np.full(STEPS - 1, 1.3)] + np.random.default_rng(0).normal(0, 0.05, STEPS)
    grown = {"activation_std/second": np.r_[0.5, np.full(STEPS - 1, std)]}
    told = found("learning_rate", report({"loss": loss} | ratios(0.5, then) | grown, layers=network()))
    assert [found_severity for _, found_severity in told] == [severity]


@pytest.mark.parametrize(
    ("fastest", "end", "told"),
    [
        pytest.param(3e-4, 2.3, ["warning"], id="all but one layer stand still, and nothing is learned"),
        pytest.param(3e-3, 2.3, [], id="one layer moves as it should"),
        pytest.param(3e-4, 1.95, [], id="something was learned"),
    ],
)
def test_a_network_that_crawls_at_chance_has_too_low_a_rate(
    report: MakeReport, fastest: float, end: float, told: list[str]
) -> None:
    counts = {"classes": 10, "label_counts": {str(label): 100 for label in range(10)}}
    fed: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": counts}
    loss = np.r_[2.31, np.full(STEPS - 1, end)] + np.random.default_rng(0).normal(0, 0.01, STEPS)
    crawling = ratios(1e-5, 1e-5) | {"update_ratio/output.weight": np.full(STEPS, fastest)}
    found_now = found("learning_rate", report({"loss": loss} | crawling, layers=network(), facts=[fed]))
    assert [severity for _, severity in found_now] == told


def test_with_a_rare_class_a_first_loss_above_chance_is_no_wild_start(report: MakeReport) -> None:
    counts = {"classes": 2, "label_counts": {"0": 980, "1": 20}, "output_shape": [64], "target_shape": [64]}
    told: Fact = fact("criterion", counts, type="BCEWithLogitsLoss")
    entropy = -(0.98 * np.log(0.98) + 0.02 * np.log(0.02))
    level = entropy + 0.002 + np.random.default_rng(0).normal(0, 0.002, 200)
    level[:40] += 0.6 * np.exp(-np.arange(40) / 8)
    signals = Signals()
    signals.add(report({"loss": level}, facts=[told]))
    assert signals.loss.untrained == pytest.approx(np.log(2))
    assert signals.loss.harm is not None
    assert signals.loss.harm.kind == "at_chance"
