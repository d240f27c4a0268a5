"""The rules about inputs, labels and targets, on hand-built facts: what each finds, and what it leaves alone."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.diagnosis.rulebook import rulebook
from trainvitals_server.diagnosis.severity import severity_of
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import defaults
from trainvitals_wire.records import Fact, Layer

IMAGES = {
    "rows": 64,
    "shape": [64, 1, 8, 8],
    "dtype": "float32",
    "features": 1,
    "features_seen": 1,
    "min": -0.8,
    "max": 1.9,
    "mean": 0.0,
    "std": 1.0,
    "nonfinite_fraction": 0.0,
    "zero_fraction": 0.1,
    "integer_valued": False,
    "binary": False,
    "constant_fraction": 0.1,
}
CROSS_ENTROPY = {
    "output_shape": [64, 10],
    "target_shape": [64],
    "input_shape": [64, 1, 8, 8],
    "reduction": "mean",
    "classes": 10,
    "label_counts": dict.fromkeys("0123456789", 6),
}
SQUARED = {"output_shape": [64, 1], "target_shape": [64, 1], "input_shape": [64, 10], "reduction": "mean"}


def fact(kind: str, details: dict[str, Any], step: int = 0, **beside: Any) -> Fact:
    made: Any = {"kind": kind, "step": step, "details": details, **beside}
    return made  # type: ignore[no-any-return]


def batch(step: int, **details: Any) -> Fact:
    return fact(
        "batch", {"phase": "training", "size": 64, "input_hash": f"i{step}", "target_hash": "t", **details}, step
    )


def network(outputs: int = 10, **state: Any) -> list[Layer]:
    return [linear("first", 0, 64, 64, **state), linear("second", 1, 64, 64), linear("output", 2, 64, outputs)]


def found(rule: str, *reports: Any) -> list[tuple[Finding, str]]:
    """What a rule finds in reports, with the severity that it deserves."""
    signals = Signals(rulebook().thresholds)
    for report in reports:
        signals.add(report)
    (declared,) = [declared for declared in declared_rules() if declared.name == rule]
    each = declared.find(signals, defaults(declared.rule.thresholds))
    return [(finding, severity_of(finding, signals.loss)) for finding in each]


def severities(rule: str, *reports: Any) -> list[str]:
    return [severity for _, severity in found(rule, *reports)]


# input_not_normalised


def pixels(**other: Any) -> Fact:
    seen = {"min": 0.0, "max": 255.0, "mean": 80.0, "std": 95.0, "integer_valued": True}
    return fact("input", IMAGES | seen | other)


def test_pixels_that_reach_the_first_layer_are_named(report: MakeReport) -> None:
    first = {"activation_mean/first": [3.0], "activation_std/first": [60.0]}
    ((finding, severity),) = found("input_not_normalised", report(first, layers=network(), facts=[pixels()]))
    assert severity == "warning"
    assert finding.causes[0].cause == "input_not_normalised"
    assert "divide by 255" in finding.remedy


def test_inputs_far_from_zero_are_named_however_little_they_vary(report: MakeReport) -> None:
    kelvin = fact("input", IMAGES | {"min": 97.0, "max": 103.0, "mean": 100.0, "std": 1.0})
    assert severities("input_not_normalised", report(layers=network(), facts=[kelvin])) == ["warning"]


def test_pixels_that_the_network_divides_itself_are_left_alone(report: MakeReport) -> None:
    first = {"activation_mean/first": [0.0], "activation_std/first": [0.3]}
    assert not found("input_not_normalised", report(first, layers=network(), facts=[pixels()]))


def before_a_norm(kind: str) -> list[Layer]:
    norm: Any = {"name": "norm", "type": kind, "order": 1, "output_shape": [64, 8, 8, 8], "parameters": []}
    return [linear("first", 0), norm, linear("second", 2), linear("output", 3)]


def test_pixels_before_a_norm_are_left_alone(report: MakeReport) -> None:
    for kind in ("BatchNorm2d", "LayerNorm"):
        assert not found("input_not_normalised", report(layers=before_a_norm(kind), facts=[pixels()]))


def test_what_all_samples_share_is_taken_away_by_a_norm_over_the_batch_alone(report: MakeReport) -> None:
    kelvin = fact("input", IMAGES | {"min": 97.0, "max": 103.0, "mean": 100.0, "std": 1.0})
    assert severities("input_not_normalised", report(layers=before_a_norm("LayerNorm"), facts=[kelvin])) == ["warning"]
    assert not found("input_not_normalised", report(layers=before_a_norm("BatchNorm1d"), facts=[kelvin]))


@pytest.mark.parametrize(("output", "told"), [(0.5, ["warning"]), (0.15, [])], ids=["saturated", "scaled inside"])
def test_the_gates_of_a_recurrent_first_layer_tell_what_reaches_it(
    report: MakeReport, output: float, told: list[str]
) -> None:
    layers = network()
    layers[0]["type"] = "LSTM"
    first = {"activation_mean/first": [0.0], "activation_std/first": [output]}
    assert severities("input_not_normalised", report(first, layers=layers, facts=[pixels()])) == told


@pytest.mark.parametrize(
    "seen",
    [
        {"dtype": "int64", "max": 5000.0, "mean": 900.0, "std": 1200.0, "integer_valued": True},
        {"min": 0.0, "max": 1.0, "mean": 0.02, "std": 0.14, "binary": True},
        {"min": -4.0, "max": 4.0, "mean": 0.0, "std": 1.0, "feature_scale_ratio": 900.0},
        {"min": 0.0, "max": 1.0, "mean": 0.13, "std": 0.31},
        {"min": 0.0, "max": 0.9, "mean": 0.001, "std": 0.008},
    ],
    ids=["tokens", "one-hot", "standardised with rare pixels", "zero to one", "tf-idf"],
)
def test_sound_inputs_are_left_alone(report: MakeReport, seen: dict[str, Any]) -> None:
    assert not found("input_not_normalised", report(layers=network(), facts=[fact("input", IMAGES | seen)]))


def test_raw_features_of_moderate_size_are_a_note_while_the_network_learns(report: MakeReport) -> None:
    moderate = fact("input", IMAGES | {"min": 0.0, "max": 16.0, "mean": 4.9, "std": 6.0})
    assert severities("input_not_normalised", report(layers=network(), facts=[moderate])) == ["note"]


# constant_input, input_ignored, non_finite_input


def test_inputs_that_are_all_the_same_are_named(report: MakeReport) -> None:
    zeros = fact("input", IMAGES | {"min": 0.0, "max": 0.0, "std": 0.0, "constant_fraction": 1.0})
    ((finding, severity),) = found("constant_input", report(layers=network(), facts=[zeros]))
    assert (finding.causes[0].cause, severity) == ("constant_input", "warning")


def test_one_image_on_purpose_is_left_alone(report: MakeReport) -> None:
    one = fact("input", IMAGES | {"shape": [1, 1, 8, 8], "rows": 30, "constant_fraction": 1.0})
    assert not found("constant_input", report(layers=network(), facts=[one]))
    fitted = [fact("input", IMAGES | {"constant_fraction": 1.0}), fact("target", {"unit_std_max": 0.0})]
    assert not found("constant_input", report(layers=network(), facts=fitted))


def test_batches_of_copies_are_named(report: MakeReport) -> None:
    copies = [batch(step, distinct_rows=1 / 64) for step in range(8)]
    assert severities("constant_input", report(facts=[fact("input", IMAGES), *copies])) == ["warning"]
    assert not found("constant_input", report(facts=[fact("input", IMAGES), *copies[:7], batch(7, distinct_rows=1.0)]))


def test_an_output_that_is_the_same_for_all_samples_is_named(report: MakeReport) -> None:
    ((finding, severity),) = found(
        "input_ignored", report({"output_variation": [0.0] * 8}, facts=[fact("input", IMAGES)])
    )
    assert (finding.causes[0].cause, severity) == ("input_ignored", "warning")


def test_copies_of_one_sample_do_not_show_that_the_input_is_ignored(report: MakeReport) -> None:
    facts = [fact("input", IMAGES), *(batch(step, distinct_rows=1 / 64) for step in range(8))]
    assert not found("input_ignored", report({"output_variation": [0.0] * 8}, facts=facts))


def test_dropout_does_not_hide_that_the_input_is_ignored(report: MakeReport) -> None:
    told = {"output_variation": [0.3] * 8, "eval/output_variation": [0.0] * 8}
    assert severities("input_ignored", report(told, facts=[fact("input", IMAGES)])) == ["warning"]


@pytest.mark.parametrize(("loss", "severity"), [(2.31, "warning"), (0.9, "note")])
def test_an_output_that_hardly_differs_between_inputs_is_told_where_nothing_is_learned(
    report: MakeReport, loss: float, severity: str
) -> None:
    """As behind a mask that hides all but the padding."""
    told = {"loss": [2.3] + [loss] * 199, "output_variation": [4e-3] * 200}
    facts = [fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss"), fact("input", IMAGES)]
    assert severities("input_ignored", report(told, layers=network(), facts=facts)) == [severity]
    deep = [linear(f"l{i}", i, 64, 64) for i in range(7)]
    faded = {f"gradient_norm/l{i}.weight": [10.0 ** (i - 6)] * 200 for i in range(7)}
    assert not found("input_ignored", report(told | faded, layers=deep, facts=facts))


@pytest.mark.parametrize(("spread", "count"), [(0.25, 0), (0.001, 1)])
def test_outputs_far_from_zero_that_differ_as_targets_do_are_not_the_same_for_all(
    report: MakeReport, spread: float, count: int
) -> None:
    """As where the bias of the output layer starts at the mean of targets that are standardised."""
    told = {
        "loss": [1.8e5] * 200,
        "output_variation": [spread / 420] * 200,
        "output_mean": [420.0] * 200,
        "output_std": [spread] * 200,
    }
    fed = fact("criterion", {"target_mean": 0.0, "target_std": 1.0, "output_shape": [32, 1]}, type="MSELoss")
    facts = [fed, fact("input", IMAGES)]
    assert len(found("input_ignored", report(told, layers=network(), facts=facts))) == count


def test_a_head_that_starts_at_zero_does_not_ignore_the_input(report: MakeReport) -> None:
    assert not found("input_ignored", report({"output_variation": [0.0] + [1e-3] * 9}, facts=[fact("input", IMAGES)]))


def test_a_network_that_is_dead_from_the_start_is_no_slip_of_code(report: MakeReport) -> None:
    told = {"output_variation": [0.0] * 8, "dead_unit_fraction/first": [1.0] * 8}
    assert not found("input_ignored", report(told, layers=network(), facts=[fact("input", IMAGES)]))


def test_rectifiers_that_are_functions_may_be_dead_from_the_start_as_well(report: MakeReport) -> None:
    told = {"output_variation": [0.0] * 8, "nonpositive_unit_fraction/first": [1.0] * 8}
    assert not found("input_ignored", report(told, layers=network(), facts=[fact("input", IMAGES)]))


def test_units_that_are_dead_because_nothing_comes_in_do_not_hide_that_the_input_is_ignored(
    report: MakeReport,
) -> None:
    told = {"output_variation": [0.0] * 8, "dead_unit_fraction/first": [1.0] * 8, "activation_std/first": [0.0] * 8}
    weights = {"weight_norm/first.weight": [4.0] * 8}
    facts = [fact("input", IMAGES)]
    assert severities("input_ignored", report(told | weights, layers=network(), facts=facts)) == ["warning"]
    assert not found("input_ignored", report(told, layers=network(), facts=facts))


@pytest.mark.parametrize("modules", [True, False], ids=["as layers", "as functions"])
@pytest.mark.parametrize(("shrinks", "count"), [(1e-2, 0), (0.9, 1)])
def test_a_signal_that_fades_through_squashing_layers_is_no_slip_of_code(
    report: MakeReport, shrinks: float, count: int, modules: bool
) -> None:
    squash: list[Layer] = [
        {"name": f"s{i}", "type": "Sigmoid", "order": 2 * i + 1, "output_shape": [64, 64], "parameters": []}
        for i in range(5 * modules)
    ]
    layers = sorted([*(linear(f"fc{i}", 2 * i, 64, 64) for i in range(6)), *squash], key=lambda one: one["order"])
    told = {f"gradient_norm/fc{i}.weight": [shrinks ** (5 - i)] * 8 for i in range(6)}
    squashed = {} if modules else {f"fc{i}.weight": "Sigmoid" for i in range(5)}
    wiring = fact("wiring", {"pairs": [], "linear": False, "squashed": squashed})
    facts = [fact("input", IMAGES), wiring]
    reported = report(told | {"output_variation": [0.0] * 8}, layers=layers, facts=facts)
    assert len(found("input_ignored", reported)) == count
    assert severities("vanishing_gradient", reported) == ["warning"] * (1 - count)
    some = report(told | {"output_variation": [1e-4] * 8}, layers=layers, facts=facts)
    assert severities("vanishing_gradient", some) == ["note"] * (1 - count)


def test_an_input_that_is_not_finite_is_a_note_until_the_loss_breaks(report: MakeReport) -> None:
    seen = [fact("input", IMAGES | {"nonfinite_fraction": 0.01})]
    assert severities("non_finite_input", report({"loss": [2.3] * 5}, facts=seen)) == ["note"]
    assert severities("non_finite_input", report({"loss": [2.3, math.nan, math.nan, math.nan]}, facts=seen)) == [
        "critical"
    ]


# target_not_scaled


def regression(report: MakeReport, target: float, outputs: list[float], steps: int = 60, kind: str = "MSELoss") -> Any:
    sizes = np.interp(np.arange(steps), np.linspace(0, steps - 1, len(outputs)), outputs)
    told = {
        "target_mean": [target] * steps,
        "target_std": [0.2 * target] * steps,
        "output_mean": sizes.tolist(),
        "output_std": [0.1] * steps,
    }
    facts = [fact("criterion", SQUARED, type=kind), fact("target", {"mean": target, "std": 0.2 * target})]
    return report(told, layers=network(1), facts=facts)


def test_targets_in_the_thousands_are_named_at_once(report: MakeReport) -> None:
    ((finding, severity),) = found("target_not_scaled", regression(report, 20000.0, [0.1, 0.2], steps=5))
    assert (finding.causes[0].cause, severity) == ("target_not_scaled", "warning")
    assert "(target - 2e+04) / 4000" in finding.remedy


def test_targets_in_the_hundreds_are_named_once_the_output_only_creeps(report: MakeReport) -> None:
    assert severities("target_not_scaled", regression(report, 150.0, [0.1, 3.0])) == ["warning"]
    assert severities("target_not_scaled", regression(report, 150.0, [0.1, 1.0], steps=20)) == ["note"]
    assert severities("target_not_scaled", regression(report, 150.0, [0.1, 140.0])) == ["note"]


@pytest.mark.parametrize("target", [1.0, 8.0])
def test_scaled_targets_are_left_alone(report: MakeReport, target: float) -> None:
    assert not found("target_not_scaled", regression(report, target, [0.1, 0.2]))


def test_outputs_that_are_scaled_back_are_left_alone(report: MakeReport) -> None:
    assert not found("target_not_scaled", regression(report, 20000.0, [19000.0, 20000.0]))


def squared_error(report: MakeReport, mean: float, std: float, steps: int = 60) -> Any:
    """What is seen of a squared error without a criterion: loss, gradient of the output bias, size of the output."""
    layers = network(1)
    layers[-1]["parameters"].append(parameter("output.bias", 1))
    told = {
        "loss": [mean**2 + std**2] * steps,
        "gradient_norm/output.bias": [2 * mean] * steps,
        "activation_mean/output": [0.1] * steps,
        "activation_std/output": [0.1] * steps,
    }
    return report(told, layers=layers)


def test_without_a_criterion_the_gradient_of_the_output_bias_tells_how_far_targets_are(report: MakeReport) -> None:
    ((finding, severity),) = found("target_not_scaled", squared_error(report, 20000.0, 5000.0))
    assert (finding.causes[0].cause, severity) == ("target_not_scaled", "warning")
    assert finding.value == pytest.approx(20616, rel=1e-3)
    assert not found("target_not_scaled", squared_error(report, 1.0, 0.2))


@pytest.mark.parametrize(
    ("mean", "dips", "count"), [(20000.0, (0.78,), 1), (20000.0, (0.7, 0.75, 0.78), 0), (200.0, (0.78,), 0)]
)
def test_of_extreme_targets_a_batch_may_spread_more_than_the_others(
    report: MakeReport, mean: float, dips: tuple[float, ...], count: int
) -> None:
    seen = squared_error(report, mean, 0.5 * mean)
    loss, gradient = seen.frames[0].values[: len(dips), :2].T
    gradient[:] = 2 * np.sqrt(loss) * dips
    assert len(found("target_not_scaled", seen)) == count


@pytest.mark.parametrize(
    ("form", "mean", "spread", "count"),
    [("squared_error", 20000.0, 0.3, 1), (None, 20000.0, 0.3, 0), ("squared_error", 0.3, 1.0, 0)],
)
def test_of_a_squared_error_that_breaks_at_once_the_steps_before_tell_how_far_targets_were(
    report: MakeReport, form: str | None, mean: float, spread: float, count: int
) -> None:
    seen = squared_error(report, mean, spread * mean)
    seen.frames[0].values[2:, :2] = np.nan
    seen.frames[0].values[1, :2] = [1e24, 1.9e12]
    told = [fact("loss_gradient", {"form": form, "output_shape": [64, 1], "outputs": 1, "scale": 1 / 32}, 2)]
    assert len(found("target_not_scaled", replace(seen, facts=tuple(told) if form else ()))) == count


def test_a_large_loss_of_another_kind_says_nothing_of_targets(report: MakeReport) -> None:
    summed = squared_error(report, 20000.0, 5000.0)
    summed.frames[0].values[:, 1] = 30.0
    assert not found("target_not_scaled", summed)


# repeated_batch


def repeated(looks: int, **details: Any) -> list[Fact]:
    return [batch(step, input_hash="same", **details) for step in range(looks)]


def test_one_batch_again_and_again_is_named(report: MakeReport) -> None:
    facts = [fact("input", IMAGES), *repeated(16)]
    ((finding, severity),) = found("repeated_batch", report(layers=network(), facts=facts))
    assert (finding.causes[0].cause, severity) == ("repeated_batch", "warning")
    assert not found("repeated_batch", report(layers=network(), facts=[*facts[:-1], batch(15)]))


def test_all_data_in_one_batch_is_a_note(report: MakeReport) -> None:
    whole = IMAGES | {"shape": [142, 13], "features": 13}
    facts = [fact("input", whole), *repeated(16, size=142)]
    assert severities("repeated_batch", report(layers=network(3), facts=facts)) == ["note"]


def test_an_evaluation_on_more_samples_shows_that_there_are_others(report: MakeReport) -> None:
    evaluated = fact("batch", {"phase": "evaluation", "size": 360, "input_hash": "other"}, 25)
    whole = IMAGES | {"shape": [142, 13], "features": 13}
    facts = [fact("input", whole), *repeated(16, size=142), evaluated]
    assert severities("repeated_batch", report(layers=network(3), facts=facts)) == ["warning"]


# unshuffled_data, single_label_batches


def labels(*spans: range, distinct: float = 1.2, **other: Any) -> list[Fact]:
    """Facts at looks 1, 2, 4, ...: the labels that came since the one before."""
    counts: dict[str, int] = {}
    facts = []
    for place, span in enumerate(spans):
        for label in span:
            counts[str(label)] = counts.get(str(label), 0) + 64
        total = sum(counts.values())
        expected = float(sum(1 - (1 - count / total) ** 64 for count in counts.values()))
        details = {
            "looks": 2**place,
            "count": total,
            "classes": 10,
            "label_counts": dict(counts),
            "labels_seen": len(counts),
            "single_label_batches": 0,
            "distinct_mean": distinct,
            "distinct_expected": expected,
        }
        facts.append(fact("labels", details | other, 2**place - 1))
    return [fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss"), batch(0), *facts]


def test_batches_in_the_order_of_their_labels_are_named(report: MakeReport) -> None:
    sorted_labels = labels(range(1), range(2), range(1, 2), range(1, 4), range(3, 7))
    assert severities("unshuffled_data", report(facts=sorted_labels)) == ["warning"]


def test_an_episodic_sampler_is_left_alone(report: MakeReport) -> None:
    episodes = labels(range(2, 5), range(6, 9), range(1, 9), range(10), range(10), distinct=3.0)
    assert not found("unshuffled_data", report(facts=episodes))


def test_shuffled_labels_are_left_alone(report: MakeReport) -> None:
    assert not found("unshuffled_data", report(facts=labels(*[range(10)] * 5, distinct=9.9)))


def test_batches_in_the_order_of_their_targets_are_named(report: MakeReport) -> None:
    facts = [fact("criterion", SQUARED, type="MSELoss"), batch(0)]
    rising = {"target_mean": np.linspace(-2, 2, 20).tolist(), "target_std": [0.1] * 20}
    assert severities("unshuffled_data", report(rising, facts=facts)) == ["warning"]
    several = {"target_mean": np.resize(np.linspace(-2, 2, 6), 20).tolist(), "target_std": [0.3] * 20}
    assert severities("unshuffled_data", report(several, facts=facts)) == ["warning"]
    means = np.random.default_rng(0).normal(0, 0.12, 20).tolist()
    assert not found("unshuffled_data", report({"target_mean": means, "target_std": [1.0] * 20}, facts=facts))


def test_a_look_that_was_left_out_hides_no_order(report: MakeReport) -> None:
    facts = [fact("criterion", SQUARED, type="MSELoss"), batch(0)]
    means, stds = np.linspace(-2, 2, 24), np.full(24, 0.1)
    means[[7, 15, 16]] = stds[[7, 15, 16]] = np.nan
    rising = {"target_mean": means.tolist(), "target_std": stds.tolist()}
    assert severities("unshuffled_data", report(rising, facts=facts)) == ["warning"]


def test_the_same_order_each_epoch_is_a_note(report: MakeReport) -> None:
    facts = [batch(step, input_seen_step=step - 6 if step >= 6 else None) for step in range(30)]
    assert severities("unshuffled_data", report(facts=facts)) == ["note"]


def losses(report: MakeReport, period: int, smooth: bool, rate: list[float] | None = None) -> Any:
    """A falling loss with a wave of a period, whose neighbouring places are alike or not."""
    random = np.random.default_rng(2)
    wave = np.sin(np.linspace(0, 2 * np.pi, period, endpoint=False))
    wave = 0.6 * (wave if smooth else random.permutation(wave))
    values = 2 * np.exp(-np.arange(300) / 300) + np.resize(wave, 300) + random.normal(0, 0.1, 300)
    return report({"loss": values.tolist()} | ({"learning_rate": rate} if rate else {}))


def test_a_loss_that_goes_up_and_down_with_the_epoch_is_named(report: MakeReport) -> None:
    ((finding, severity),) = found("unshuffled_data", losses(report, 30, smooth=True))
    assert (finding.causes[0].cause, severity) == ("unshuffled_data", "warning")
    assert "every 30 steps" in finding.summary


def teeth(report: MakeReport, shuffled: bool) -> Any:
    """A loss that is thrown up every twelve steps, by another height each time, and halved at each step from there."""
    random = np.random.default_rng(2)
    tooth = 0.5 ** np.arange(12)
    tooth = random.permutation(tooth) if shuffled else tooth
    values = np.concatenate([height * tooth for height in random.uniform(2, 6, 25)])
    return report({"loss": values.tolist()})


def test_teeth_that_fall_as_exponentials_are_a_wave(report: MakeReport) -> None:
    assert severities("unshuffled_data", teeth(report, shuffled=False)) == ["warning"]
    assert not found("unshuffled_data", teeth(report, shuffled=True))


def test_a_fixed_order_that_was_shuffled_once_is_left_alone(report: MakeReport) -> None:
    assert not found("unshuffled_data", losses(report, 30, smooth=False))


def test_a_cyclic_learning_rate_is_no_order_of_the_data(report: MakeReport) -> None:
    rate = np.resize(np.linspace(0.01, 0.1, 30), 300).tolist()
    assert not found("unshuffled_data", losses(report, 30, smooth=True, rate=rate))


def test_noise_and_a_slow_wander_have_no_period(report: MakeReport) -> None:
    for seed in range(40):
        random = np.random.default_rng(seed)
        noise = 2 + random.normal(0, 0.3, 400)
        wander = 2 + 0.1 * np.cumsum(random.normal(0, 1, 400))
        assert not found("unshuffled_data", report({"loss": noise.tolist()}))
        assert not found("unshuffled_data", report({"loss": wander.tolist()}))


def test_sorted_batches_of_two_classes_are_named(report: MakeReport) -> None:
    facts = labels(range(1), range(2), range(2), distinct=1.1, single_label_batches=3)
    assert severities("single_label_batches", report(layers=network(), facts=facts)) == ["warning"]


def test_batches_of_either_of_two_labels_are_named(report: MakeReport) -> None:
    binary = fact("criterion", CROSS_ENTROPY | {"classes": 2, "label_counts": {"0": 64}}, type="CrossEntropyLoss")
    rare = [
        batch(step, labels_distinct=1 + step % 2, target_hash="zeros" if step % 2 == 0 else f"t{step}")
        for step in range(8)
    ]
    assert not found("single_label_batches", report(layers=network(2), facts=[binary, *rare]))
    ones = batch(8, labels_distinct=1, target_hash="ones")
    assert severities("single_label_batches", report(layers=network(2), facts=[binary, *rare, ones])) == ["warning"]


@pytest.mark.parametrize(
    ("order", "causes"),
    [
        ([step // 6 for step in range(20)], ["unshuffled_data", "single_label_batches"]),
        (np.random.default_rng(0).integers(0, 4, 20).tolist(), ["single_label_batches"]),
        ([0] * 20, ["single_label_batches"]),
    ],
)
def test_batches_of_one_label_in_stretches_come_of_sorted_data(
    report: MakeReport, order: list[int], causes: list[str]
) -> None:
    told = [batch(step, labels_distinct=1, target_hash=f"t{label}") for step, label in enumerate(order)]
    criterion = fact("criterion", CROSS_ENTROPY | {"label_counts": {"0": 64}}, type="CrossEntropyLoss")
    ((finding, _),) = found("single_label_batches", report(layers=network(), facts=[criterion, *told]))
    assert [cause.cause for cause in finding.causes] == causes


def test_the_place_of_the_match_in_a_contrastive_loss_is_no_label(report: MakeReport) -> None:
    match = CROSS_ENTROPY | {"output_shape": [64, 257], "classes": 257, "label_counts": {"0": 64}}
    told = [fact("criterion", match, type="CrossEntropyLoss")]
    assert not found("single_label_batches", report(layers=network(), facts=told))


# class_imbalance


def imbalance(report: MakeReport, recall: float, share: float, steps: int = 200, falls: bool = False) -> Any:
    target = CROSS_ENTROPY | {"output_shape": [64, 1], "target_shape": [64, 1], "classes": 2}
    counted = {"label_counts": {"0": 3000, "1": 50}, "count": 3050, "classes": 2, "labels_seen": 2, "looks": 48}
    loss = np.linspace(0.6, 0.2, steps) if falls else 0.08 + 0.5 * np.exp(-np.arange(steps) / 10)
    told = {"loss": (loss + np.random.default_rng(3).normal(0, 0.01, steps)).tolist()}
    told |= {"rare_class_recall": [recall] * steps, "prediction_majority_fraction": [share] * steps}
    facts = [fact("criterion", target, type="BCEWithLogitsLoss"), fact("labels", counted)]
    return report(told, layers=network(1), facts=facts)


def test_a_rare_class_that_is_never_recognised_is_named(report: MakeReport) -> None:
    ((finding, severity),) = found("class_imbalance", imbalance(report, 0.0, 1.0))
    assert (finding.by_definition, severity) == (True, "warning")
    assert not found("class_imbalance", imbalance(report, 0.0, 1.0, falls=True))[0][0].by_definition
    assert found("class_imbalance", imbalance(report, 0.0, 1.0, steps=400, falls=True))[0][0].by_definition


def test_a_rare_class_that_is_learned_is_left_alone(report: MakeReport) -> None:
    assert not found("class_imbalance", imbalance(report, 0.8, 0.98))
    (finding, _), *_ = found("class_imbalance", imbalance(report, 0.3, 0.99))
    assert not finding.by_definition


def test_a_rare_class_that_is_named_once_in_many_looks_is_shunned_unless_it_begins_to_be(report: MakeReport) -> None:
    def judged(share: list[float]) -> bool:
        told = imbalance(report, 0.3, 1.0, steps=400)
        told.frames[0].values[:, 2] = share
        return found("class_imbalance", told)[0][0].by_definition

    # Of 64 samples one is rare: 0.016.
    assert judged([*[0.9] * 20, *[1.0] * 340, 0.984, *[1.0] * 38, 0.984])
    assert not judged([*[0.9] * 20, *[1.0] * 340, *[0.984] * 40])
    assert not judged([*[0.9] * 20, *[0.99] * 380])


def rare(report: MakeReport, loss: Any, counts: dict[str, int], places: bool = False, answers: float = 1.0) -> Any:
    steps, total = len(loss), sum(counts.values())
    shape = [8, 16, 16] if places else [64]
    seen = CROSS_ENTROPY | {"output_shape": [8, 2, 16, 16] if places else [64, 2], "target_shape": shape}
    seen |= {"input_shape": [8, 1, 16, 16] if places else [64, 9], "classes": len(counts)}
    told = {"label_counts": counts, "count": total, "classes": len(counts), "labels_seen": len(counts), "looks": 48}
    series = {"loss": loss, "rare_class_recall": np.full(steps, 0.0)}
    series["prediction_majority_fraction"] = np.full(steps, answers)
    facts = [fact("criterion", seen, type="CrossEntropyLoss"), fact("labels", told)]
    return report(series, layers=network(1), facts=facts)


def entropy(counts: dict[str, int]) -> float:
    share = np.array(list(counts.values())) / sum(counts.values())
    return float(-(share * np.log(share)).sum())


RARE = {"0": 3900, "1": 100}


@pytest.mark.parametrize(
    ("end", "steps", "missed"),
    [
        pytest.param(1.0, 280, True, id="the fall ended at the entropy of the labels"),
        pytest.param(0.7, 280, False, id="inputs have begun to tell"),
        pytest.param(0.7, 400, True, id="and for long no rare answer follows"),
    ],
)
def test_a_fall_that_ends_at_the_entropy_of_the_labels_is_no_reason_to_wait(
    report: MakeReport, end: float, steps: int, missed: bool
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.03, steps)
    loss = entropy(RARE) * (end + 6 * np.exp(-np.arange(steps) / 30)) + noise
    ((finding, _),) = found("class_imbalance", rare(report, loss, RARE))
    assert finding.by_definition == missed


@pytest.mark.parametrize(
    ("counts", "late", "answers", "severities"),
    [
        pytest.param(RARE, 0.8, 1.0, ["warning"], id="always the background"),
        pytest.param(RARE, 0.8, 0.975, ["note"], id="rare answers as often as rare labels"),
        pytest.param(RARE, 0.2, 1.0, ["note"], id="on its way"),
        pytest.param({"0": 3000, "1": 900, "2": 100}, 0.8, 1.0, [], id="no background"),
    ],
)
def test_places_that_are_always_called_background_are_an_imbalance_once_the_loss_stays(
    report: MakeReport, counts: dict[str, int], late: float, answers: float, severities: list[str]
) -> None:
    steps = 800
    noise = np.random.default_rng(0).normal(0, 0.005, steps)
    loss = entropy(counts) * np.linspace(1, late, steps) if late < 0.5 else np.full(steps, entropy(counts) * late)
    told = rare(report, loss + 0.5 * np.exp(-np.arange(steps) / 10) + noise, counts, places=True, answers=answers)
    assert [severity for _, severity in found("class_imbalance", told)] == severities


@pytest.mark.parametrize(
    ("late", "places", "answers", "ended", "severity"),
    [
        pytest.param(0.85, False, 1.0, False, "note", id="it may yet be learned"),
        pytest.param(0.85, False, 1.0, True, "warning", id="it was not learned"),
        pytest.param(0.2, False, 1.0, True, "note", id="it may have been since the last look"),
        pytest.param(0.85, True, 1.0, False, "note", id="places may yet be learned"),
        pytest.param(0.85, True, 1.0, True, "warning", id="places were not learned"),
        pytest.param(0.85, True, 0.98, True, "note", id="places began to be"),
    ],
)
def test_where_the_run_is_over_the_rare_class_is_given_no_more_time(
    report: MakeReport, late: float, places: bool, answers: float, ended: bool, severity: str
) -> None:
    steps = 250
    noise = np.random.default_rng(0).normal(0, 0.002, steps)
    judge = Judge()
    judge.add(rare(report, entropy(RARE) * np.linspace(1, late, steps) + noise, RARE, places, answers))
    if ended:
        judge.end()
    told = [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == "class_imbalance"]
    assert [entry["severity"] for entry in told] == [severity]


# labels_unrelated_to_inputs


def at_chance(
    report: MakeReport,
    accuracy: float,
    ratio: float = 1e-3,
    other: dict[str, list[float]] | None = None,
    labels: str = "0123456789",
) -> Any:
    steps, random = 300, np.random.default_rng(1)
    told = {
        "loss": (math.log(10) + random.normal(0, 0.02, steps)).tolist(),
        "prediction_accuracy": [accuracy] * steps,
        "output_variation": [0.5] * steps,
        **{f"update_ratio/{name}.weight": [ratio] * steps for name in ("first", "second", "output")},
        **{f"update_norm/{name}.weight": [ratio] * steps for name in ("first", "second", "output")},
    }
    counted = {"label_counts": dict.fromkeys(labels, 200), "count": 200 * len(labels), "classes": 10, "labels_seen": 10}
    facts = [fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss"), fact("labels", counted), fact("input", IMAGES)]
    return report(told | (other or {}), layers=network(), facts=facts)


def test_a_loss_at_chance_with_healthy_insides_is_the_labels(report: MakeReport) -> None:
    ((finding, severity),) = found("labels_unrelated_to_inputs", at_chance(report, 0.1))
    assert (finding.causes[0].cause, severity) == ("labels_unrelated_to_inputs", "warning")


def test_weights_that_stand_still_say_nothing_of_the_labels(report: MakeReport) -> None:
    assert not found("labels_unrelated_to_inputs", at_chance(report, 0.1, ratio=1e-6))


def test_a_loss_that_was_below_chance_for_a_while_had_something_to_learn(report: MakeReport) -> None:
    lost = [2.3] * 40 + [1.8] * 20 + [2.31] * 240
    assert not found("labels_unrelated_to_inputs", at_chance(report, 0.1, other={"loss": lost}))


def test_the_noise_of_batches_is_nothing_that_was_learned(report: MakeReport) -> None:
    noisy = math.log(10) * (1 + 0.18 * np.random.default_rng(5).standard_normal(300))
    assert np.convolve(noisy, np.full(10, 0.1), "valid").min() < 0.9 * math.log(10)
    assert found("labels_unrelated_to_inputs", at_chance(report, 0.1, other={"loss": noisy.tolist()}))


@pytest.mark.parametrize(("std", "root"), [(30.0, "learning_rate_too_high"), (1.5, "labels_unrelated_to_inputs")])
def test_layers_that_large_updates_threw_out_of_their_band_say_nothing_of_the_labels(
    report: MakeReport, std: float, root: str
) -> None:
    grown = {f"activation_std/{name}": [0.4] * 3 + [std] * 297 for name in ("first", "second")}
    large = {f"update_ratio/{name}.weight": [0.02] * 300 for name in ("first", "second", "output")}
    judge = Judge()
    judge.add(at_chance(report, 0.1, other=grown | large))
    (incident,) = [entry for entry in judge.evaluate()["incidents"] if entry["severity"] != "note"]
    assert incident["causes"][0]["cause"] == root


@pytest.mark.parametrize(("first", "leap", "blamed"), [(18.0, 10.0, False), (18.0, 1.0, True), (0.02, 10.0, True)])
def test_first_updates_that_replaced_the_weights_and_threw_up_the_loss_say_nothing_of_the_labels(
    report: MakeReport, first: float, leap: float, blamed: bool
) -> None:
    ratio = {f"update_ratio/{name}.weight": [first] + [5e-3] * 299 for name in ("first", "second", "output")}
    noise = np.random.default_rng(1).normal(0, 0.02, 300)
    loss = {"loss": [math.log(10), *([leap * math.log(10)] * 5), *(math.log(10) + noise[6:])]}
    assert bool(found("labels_unrelated_to_inputs", at_chance(report, 0.1, other=ratio | loss))) == blamed


@pytest.mark.parametrize("accuracy", [0.4, 0.2])
def test_predictions_better_than_the_most_frequent_label_are_left_alone(report: MakeReport, accuracy: float) -> None:
    assert not found("labels_unrelated_to_inputs", at_chance(report, accuracy))


@pytest.mark.parametrize(
    "root",
    [
        {f"epsilon_dominated_fraction/{name}.weight": [1.0] * 300 for name in ("first", "second", "output")},
        {"learning_rate": (0.1 * 0.95 ** np.arange(300)).tolist()},
        {f"update_ratio/{name}.weight": [1e-5] * 300 for name in ("first", "second")},
    ],
    ids=["epsilon dominates", "the rate decays", "most weights stand still"],
)
def test_the_labels_are_the_last_resort(report: MakeReport, root: dict[str, list[float]]) -> None:
    assert not found("labels_unrelated_to_inputs", at_chance(report, 0.1, other=root))


def test_where_a_weight_is_frozen_the_labels_are_not_blamed(report: MakeReport) -> None:
    frozen = report({}, layers=network(trainable=False))
    assert not found("labels_unrelated_to_inputs", at_chance(report, 0.1), frozen)


def test_a_cosine_schedule_is_no_decay_that_ends_learning(report: MakeReport) -> None:
    cosine = {"learning_rate": (0.05 * (1 + np.cos(np.linspace(0, np.pi, 300)))).tolist()}
    assert found("labels_unrelated_to_inputs", at_chance(report, 0.1, other=cosine))


def test_few_samples_say_nothing_of_the_labels(report: MakeReport) -> None:
    small = report({}, facts=[fact("criterion", CROSS_ENTROPY | {"target_shape": [4]}, type="CrossEntropyLoss")])
    assert not found("labels_unrelated_to_inputs", at_chance(report, 0.1), small)


def by_heart(report: MakeReport, held_out: float, losses: list[float], left: float = 0.9, hits: float = 0.5) -> Any:
    """Training samples are learned; `held_out` is the accuracy at each evaluation, `losses` the validation loss."""
    accuracy, validation = [math.nan] * 300, [math.nan] * 300
    accuracy[::25], validation[::25] = [held_out] * 12, losses
    falls = np.linspace(2.31, left, 300).tolist()
    evaluated = {"loss": falls, "val_loss": validation, "eval/prediction_accuracy": accuracy}
    return at_chance(report, hits, other=evaluated)


def test_labels_learned_by_heart_are_named(report: MakeReport) -> None:
    learned = by_heart(report, 0.1, np.linspace(2.31, 3.5, 12).tolist())
    ((finding, severity),) = found("labels_unrelated_to_inputs", learned)
    assert (finding.aspect, severity) == ("by heart", "warning")


def test_whole_classes_hit_by_luck_are_still_labels_learned_by_heart(report: MakeReport) -> None:
    hardly = [2.31, *[2.24] * 11]
    assert found("labels_unrelated_to_inputs", by_heart(report, 0.18, hardly))
    assert not found("labels_unrelated_to_inputs", by_heart(report, 0.45, hardly))


def test_what_makes_the_held_out_loss_rise_before_it_ever_beat_chance_is_learned_by_heart(report: MakeReport) -> None:
    rises = [2.32, 2.31, *np.linspace(2.31, 2.38, 10)]
    (told,) = found("labels_unrelated_to_inputs", by_heart(report, 0.1, rises, left=2.2, hits=0.12))
    assert (told[0].aspect, told[1]) == ("by heart", "warning")
    beat = [2.32, 2.27, *np.linspace(2.26, 2.38, 10)]
    assert not found("labels_unrelated_to_inputs", by_heart(report, 0.1, beat, left=2.2, hits=0.12))


def test_overfitting_is_not_mistaken_for_wrong_labels(report: MakeReport) -> None:
    assert not found("labels_unrelated_to_inputs", by_heart(report, 0.4, np.linspace(2.31, 3.5, 12).tolist()))
    turned = [2.31, 1.6, *np.linspace(1.4, 3.5, 10)]
    assert not found("labels_unrelated_to_inputs", by_heart(report, 0.1, turned))


def test_held_out_predictions_that_get_better_as_their_loss_falls_are_not_by_heart(report: MakeReport) -> None:
    def judged(hits: list[float]) -> Any:
        accuracy, validation = [math.nan] * 300, [math.nan] * 300
        accuracy[::25], validation[::25] = hits, np.linspace(0.76, 0.74, 12).tolist()
        series = {"loss": np.linspace(0.7, 0.3, 300).tolist(), "val_loss": validation}
        return found(
            "labels_unrelated_to_inputs",
            at_chance(report, 0.9, other=series | {"eval/prediction_accuracy": accuracy}, labels="01"),
        )

    assert judged([0.46] * 12)
    assert not judged(np.linspace(0.4, 0.52, 12).tolist())


def test_a_held_out_loss_at_chance_is_not_yet_learned_by_heart(report: MakeReport) -> None:
    assert not found("labels_unrelated_to_inputs", by_heart(report, 0.1, np.linspace(2.31, 2.29, 12).tolist()))


# One story: the root before what it brings about


def causes_told(*reports: Any) -> list[str]:
    """The causes of the page, read from the top."""
    judge = Judge()
    for report in reports:
        judge.add(report)
    return [cause["cause"] for incident in judge.evaluate()["incidents"] for cause in incident["causes"]]


def still(report: MakeReport, seen: dict[str, Any], told: dict[str, list[float]], parameters: dict[str, Any]) -> Any:
    """A loss at chance, with the facts of the input and of parameters that have a gradient of zero."""
    steps = 150
    loss = (math.log(10) + np.random.default_rng(1).normal(0, 0.02, steps)).tolist()
    counted = {"label_counts": dict.fromkeys("0123456789", 200), "count": 2000, "classes": 10, "labels_seen": 10}
    facts = [
        fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss"),
        fact("labels", counted),
        fact("input", IMAGES | seen),
        fact("parameters", {"count": 3, **parameters}),
    ]
    zero = {"gradient_norm/first.weight": [0.0] * steps, "update_norm/first.weight": [0.0] * steps}
    each = {name: [value[0]] * steps for name, value in told.items()}
    return report({"loss": loss} | zero | each, layers=network(), facts=facts)


def test_a_constant_input_comes_before_the_gradient_that_it_stops(report: MakeReport) -> None:
    constant = {"constant_fraction": 1.0, "std": 0.0, "min": 0.0, "max": 0.0}
    dead = {"dead_unit_fraction/first": [0.5], "output_variation": [0.0]}
    told = causes_told(still(report, constant, dead, {"zero_gradient": ["first.weight"]}))
    assert told[0] == "constant_input"
    assert "labels_unrelated_to_inputs" not in told


def test_an_ignored_input_comes_before_the_gradient_that_it_stops(report: MakeReport) -> None:
    told = causes_told(still(report, {}, {"output_variation": [0.0]}, {"zero_gradient": ["first.weight"]}))
    assert told[0] == "input_ignored"
    assert "labels_unrelated_to_inputs" not in told


def test_unrelated_labels_come_before_no_progress(report: MakeReport) -> None:
    assert causes_told(at_chance(report, 0.1))[:2] == ["labels_unrelated_to_inputs", "no_progress"]
