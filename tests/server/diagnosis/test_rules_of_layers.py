"""The rules about what happens inside the network, on numbers that show one thing each, and what they leave alone."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.records import Fact, Layer, WarningEntry
from trainvitals_wire.report import Report

STEPS = 200
CHANCE = [*np.linspace(2.31, 2.30, STEPS)]
LEARNING = [*(2.3 * np.exp(-np.arange(STEPS) / 40) + 0.1)]
FLAT_AT_HALF = [*(2.3 * (0.5 + 0.5 * np.exp(-np.arange(STEPS) / 40)))]
LABELS: Fact = {
    "kind": "criterion",
    "step": 0,
    "type": "CrossEntropyLoss",
    "details": {
        "output_shape": [32, 10],
        "target_shape": [32],
        "classes": 10,
        "label_counts": {str(i): 32 for i in range(10)},
    },
}


def layer(name: str, kind: str, order: int) -> Layer:
    """A layer without parameters."""
    return {"name": name, "type": kind, "order": order, "output_shape": [32, 16], "parameters": []}


def found(rule: str, *reports: Report) -> list[WarningEntry]:
    """What a rule says at the end."""
    judge = Judge()
    for report in reports:
        judge.add(report)
    return [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == rule]


def severities(rule: str, *reports: Report) -> list[str]:
    return [entry["severity"] for entry in found(rule, *reports)]


def still(value: float) -> Sequence[float]:
    return [value] * STEPS


PLAIN = [linear("a", 0), layer("a.relu", "ReLU", 1), linear("b", 2), linear("out", 3)]


@pytest.mark.parametrize(("mean", "count"), [(4.0, 1), (1.0, 0)])
def test_a_mean_far_from_zero_is_a_note_even_where_nothing_is_learned(
    report: MakeReport, mean: float, count: int
) -> None:
    series = {"loss": CHANCE, "activation_mean/a": still(mean), "activation_std/a": still(1.0)}
    assert severities("activation_mean", report(series, layers=PLAIN, facts=[LABELS])) == ["note"] * count


def test_a_layer_that_multiplies_warns_where_the_first_loss_suffers(report: MakeReport) -> None:
    series = {"activation_std/a": still(0.5), "activation_std/b": still(40.0)}
    wild = [30.0, *LEARNING[1:]]
    (warning,) = found("activation_std", report({"loss": wild, **series}, layers=PLAIN, facts=[LABELS]))
    assert (warning["layer"], warning["severity"]) == ("b", "warning")
    assert [cause["cause"] for cause in warning["causes"]] == ["exploding_activation"]
    assert severities("activation_std", report({"loss": LEARNING, **series}, layers=PLAIN, facts=[LABELS])) == ["note"]


@pytest.mark.parametrize(
    ("given", "weight", "severity"),
    [
        pytest.param(1e5, 0.6, ["warning"], id="a state that grew on the way"),
        pytest.param(1e5, 5e4, [], id="a wide output layer"),
        pytest.param(3.0, 0.6, [], id="an output of usual size"),
    ],
)
def test_values_that_no_layer_gave_are_told_by_what_the_output_layer_makes_of_them(
    report: MakeReport, given: float, weight: float, severity: list[str]
) -> None:
    series = {
        "loss": [given**2, *LEARNING[1:]],
        "activation_std/a": still(0.5),
        "activation_mean/a": still(0.0),
        "activation_std/out": still(given),
        "weight_norm/out.weight": still(weight),
    }
    looked: Fact = {"kind": "criterion", "step": 0, "type": "MSELoss"}
    looked["details"] = {"target_mean": 0.0, "target_std": 1.0, "output_shape": [32, 1]}
    told = found("activation_std", report(series, layers=[linear("a", 0), linear("out", 1, 16, 1)], facts=[looked]))
    assert [entry["severity"] for entry in told] == severity
    assert all(entry["causes"][0]["cause"] == "exploding_activation" for entry in told)


def test_a_layer_before_a_squashing_one_or_a_norm_does_not_explode(report: MakeReport) -> None:
    held = [linear("a", 0), linear("b", 1), layer("b.tanh", "Tanh", 2), linear("out", 3)]
    series = {"loss": CHANCE, "activation_std/a": still(0.5), "activation_std/b": still(40.0)}
    assert severities("activation_std", report(series, layers=held, facts=[LABELS])) == ["note"]


@pytest.mark.parametrize(
    ("kind", "after", "std", "count"),
    [
        ("Linear", "Linear", 0.4, 1),
        ("Linear", "Linear", 0.55, 0),
        ("ReLU", "Linear", 0.4, 0),
        ("ReLU", "Linear", 0.2, 1),
        ("LSTM", "Linear", 0.1, 0),
        ("MultiheadAttention", "Linear", 0.1, 0),
        ("Conv2d", "BatchNorm2d", 0.1, 0),
        ("Conv2d", "BatchNorm2d", 0.04, 1),
        ("LSTM", "Linear", 0.04, 1),
        ("LSTM", "Linear", 3.0, 1),
    ],
)
def test_an_output_that_is_small_by_design_is_none_too_small(
    report: MakeReport, kind: str, after: str, std: float, count: int
) -> None:
    layers = [linear("a", 0), layer("b", kind, 1), layer("c", after, 2), linear("out", 3)]
    series = {"loss": LEARNING, "activation_std/b": still(std)}
    assert severities("activation_std", report(series, layers=layers, facts=[LABELS])) == ["note"] * count


@pytest.mark.parametrize(("gradient", "count"), [(300.0, 1), (3.0, 0)])
def test_a_loss_too_sensitive_to_a_weight_explodes_before_the_first_update(
    report: MakeReport, gradient: float, count: int
) -> None:
    series = {
        "loss": [2.3, *[math.nan] * 4],
        "gradient_norm/b.weight": [gradient] * 5,
        "weight_norm/b.weight": [4.0] * 5,
    }
    assert len(found("exploding_gradient", report(series, layers=PLAIN))) == count


def deep(norms: bool = False) -> list[Layer]:
    """Twelve linear layers, with norms or rectifiers between."""
    between = [layer(f"n{i}", "LayerNorm" if norms else "ReLU", 2 * i + 1) for i in range(12)]
    return [part for i in range(12) for part in (linear(f"l{i:02}", 2 * i), between[i])]


def shrinking(first_to_last: float) -> dict[str, Sequence[float]]:
    sizes = np.geomspace(first_to_last, 1.0, 12)
    return {f"gradient_norm/l{i:02}.weight": still(float(size)) for i, size in enumerate(sizes)}


def test_a_deep_plain_network_that_learns_nothing_is_told_from_its_depth(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report({"loss": CHANCE, **shrinking(1e-6)}, layers=deep(), facts=[LABELS]))
    (incident,) = judge.evaluate()["incidents"]
    assert [cause["cause"] for cause in incident["causes"]][:2] == ["degradation_with_depth", "vanishing_gradient"]
    assert "residual" in incident["remedy"]


def test_a_deep_network_that_learns_or_has_norms_is_left_alone(report: MakeReport) -> None:
    assert severities("degradation_with_depth", report({"loss": LEARNING, **shrinking(1e-3)}, layers=deep())) == [
        "note"
    ]
    assert not found("degradation_with_depth", report({"loss": CHANCE, **shrinking(1e-3)}, layers=deep(norms=True)))
    assert not found("degradation_with_depth", report({"loss": CHANCE, **shrinking(0.1)}, layers=deep()))


def test_what_a_dead_layer_cuts_off_did_not_fade_with_depth(report: MakeReport) -> None:
    series = {"loss": CHANCE, "output_variation": still(0.0), **{key: still(0.0) for key in shrinking(1.0)}}
    assert not found("degradation_with_depth", report(series, layers=deep(), facts=[LABELS]))


@pytest.mark.parametrize(("after", "start", "count"), [("ReLU", 2.0, 1), ("BatchNorm1d", 2.0, 0), ("ReLU", 1e-3, 0)])
def test_weights_that_grow_without_end_are_found_but_not_before_a_norm(
    report: MakeReport, after: str, start: float, count: int
) -> None:
    layers = [linear("a", 0), layer("n", after, 1), linear("out", 2)]
    growing = np.geomspace(start, start * 200, STEPS)
    series = {"loss": CHANCE, "weight_norm/a.weight": growing}
    assert severities("weights_diverge", report(series, layers=layers, facts=[LABELS])) == ["warning"] * count


def test_a_large_bias_of_the_output_is_noted(report: MakeReport) -> None:
    out = linear("out", 1)
    out["parameters"] = [parameter("out.weight", 10, 16), parameter("out.bias", 10)]
    series = {"loss": CHANCE, "weight_norm/out.bias": still(20 * math.sqrt(10)), "weight_norm/out.weight": still(1.0)}
    (note,) = found("weights_diverge", report(series, layers=[linear("a", 0), out], facts=[LABELS]))
    assert (note["severity"], note["series"]) == ("note", "weight_norm/out.bias")


def test_a_spike_says_what_moved_first(report: MakeReport) -> None:
    at = np.arange(STEPS)
    noise = 0.01 * np.sin(at)
    loss = 1.0 + noise + 9.0 * (at == 180)
    series = {"loss": loss, "gradient_norm/a.weight": np.where(at == 180, 50.0, 1.0) + noise}
    (note,) = found("loss_spike", report(series, layers=PLAIN))
    assert (note["severity"], note["first_step"]) == ("note", 180)
    assert "the gradient of a.weight at step 180" in note["summary"]


def test_noise_is_no_spike(report: MakeReport) -> None:
    noisy = np.random.default_rng(0).gamma(2.0, 0.5, STEPS)
    assert not found("loss_spike", report({"loss": noisy}, layers=PLAIN))


@pytest.mark.parametrize(("gradient", "count"), [(0.0, 1), (1.0, 0)])
def test_units_behind_a_function_are_dead_where_no_gradient_reaches_them(
    report: MakeReport, gradient: float, count: int
) -> None:
    layers = [linear("a", 0), linear("b", 1), linear("out", 2)]
    series = {
        "loss": CHANCE,
        "nonpositive_unit_fraction/a": still(1.0),
        "gradient_norm/a.weight": still(gradient),
        "gradient_norm/b.weight": still(1.0),
        "gradient_norm/out.weight": still(1.0),
    }
    assert severities("dead_units", report(series, layers=layers, facts=[LABELS])) == ["warning"] * count


@pytest.mark.parametrize(("mean", "std", "count"), [(0.1, 1e-3, 1), (0.01, 0.1, 0)])
def test_weights_that_are_all_alike_are_wrong_by_definition(
    report: MakeReport, mean: float, std: float, count: int
) -> None:
    series = {"weight_mean/a.weight": [mean], "weight_std/a.weight": [std], "activation_std/a": [0.5]}
    assert severities("initialisation", report(series, layers=PLAIN)) == ["warning"] * count


def test_a_gain_of_ones_own_may_start_at_one(report: MakeReport) -> None:
    gain: Layer = {**layer("gain", "Gain", 0), "parameters": [parameter("gain.weight", 1, 128)]}
    series = {"weight_mean/gain.weight": [1.0], "weight_std/gain.weight": [0.0], "activation_std/gain": [0.5]}
    assert not found("initialisation", report(series, layers=[gain, *PLAIN]))


@pytest.mark.parametrize(
    ("kind", "std", "count"),
    [("MultiheadAttention", 0.008, 0), ("MultiheadAttention", 0.0008, 1), ("Linear", 0.008, 1)],
    ids=["a branch of a GPT at its start", "a branch that is all but gone", "a layer that all must pass"],
)
def test_an_output_that_is_small_by_design_is_no_bad_start(
    report: MakeReport, kind: str, std: float, count: int
) -> None:
    small: Layer = {**layer("small", kind, 1), "parameters": [parameter("small.weight", 16, 16)]}
    series = {"weight_std/a.weight": [0.01], "activation_std/small": [std], "activation_std/a": [0.5]}
    layers = [linear("a", 0), small, layer("relu", "ReLU", 2), linear("out", 3)]
    assert severities("initialisation", report(series, layers=layers)) == ["warning"] * count


@pytest.mark.parametrize(
    ("unfrozen", "listed", "severity"),
    [(None, True, []), (150, True, []), (150, False, []), (50, True, ["warning"]), (0, True, ["warning"])],
    ids=["still frozen", "just unfrozen", "just unfrozen, of many", "unfrozen long ago", "never frozen"],
)
def test_a_weight_that_was_unfrozen_is_given_time_to_get_a_gradient(
    report: MakeReport, unfrozen: int | None, listed: bool, severity: list[str]
) -> None:
    details = {"not_trainable": ["a.weight"] if listed else ["other.weight"], "not_trainable_count": 300}
    facts: list[Fact] = [] if unfrozen == 0 else [{"kind": "parameters", "step": 0, "details": details}]
    if unfrozen:
        none = {"not_trainable": [] if listed else ["other.weight"], "not_trainable_count": 0 if listed else 299}
        facts.append({"kind": "parameters", "step": unfrozen, "details": none})
    every_tenth = [1.0 if step % 10 == 0 else math.nan for step in range(STEPS)]
    series = {"loss": LEARNING, "gradient_norm/b.weight": every_tenth, "gradient_norm/out.weight": every_tenth}
    frames = report(series, layers=PLAIN, facts=facts)
    assert severities("frozen_parameters", frames) == severity


@pytest.mark.parametrize(("validation", "severity"), [(3.0, "warning"), (1.1, "note")])
def test_stale_statistics_of_a_norm_warn_where_evaluation_suffers(
    report: MakeReport, validation: float, severity: str
) -> None:
    layers = [linear("a", 0), layer("norm", "BatchNorm1d", 1), linear("out", 2)]
    series = {"loss": still(1.0), "activation_std/norm": still(1.0)}
    evaluated = {"val_loss": still(validation), "eval/activation_std/norm": still(0.2)}
    assert severities("stale_batch_norm", report({**series, **evaluated}, layers=layers)) == [severity]
    evaluated["eval/activation_std/norm"] = still(0.9)
    assert not found("stale_batch_norm", report({**series, **evaluated}, layers=layers))


def test_a_rate_that_leaps_is_told_before_the_rise_that_it_brings(report: MakeReport) -> None:
    at = np.arange(STEPS)
    series = {"loss": np.where(at < 120, 2.3 * np.exp(-at / 40), 6.0), "learning_rate": np.where(at < 118, 1e-3, 0.5)}
    (warning,) = found("no_progress", report(series, layers=PLAIN, facts=[LABELS]))
    assert [cause["cause"] for cause in warning["causes"]] == ["learning_rate_too_high", "diverging"]
    assert "the learning rate leapt from 0.001 to 0.5 at step 118" in warning["causes"][0]["why"]


@pytest.mark.parametrize(
    ("second", "count"),
    [([16, 16, 3, 3], 1), ([16, 16, 1, 1], 0), ([16, 1, 3, 3], 0)],
)
def test_two_full_convolutions_in_a_row_are_one(report: MakeReport, second: list[int], count: int) -> None:
    def convolution(name: str, order: int, shape: list[int]) -> Layer:
        groups = 16 // shape[1] if shape[1] == 1 else 1
        made = layer(name, "Conv2d", order)
        return {**made, "parameters": [parameter(f"{name}.weight", *shape)], "attributes": {"groups": groups}}

    layers = [convolution("0", 0, [16, 16, 3, 3]), convolution("1", 1, second), layer("2", "ReLU", 2), linear("3", 3)]
    assert len(found("missing_nonlinearity", report({"loss": [1.0]}, layers=layers))) == count


def test_a_network_without_any_activation_is_one_finding(report: MakeReport) -> None:
    layers = [linear("0", 0), layer("1", "Dropout", 1), linear("2", 2), layer("3", "Flatten", 3), linear("4", 4)]
    (warning,) = found("missing_nonlinearity", report({"loss": [1.0]}, layers=layers))
    assert "one linear map" in warning["summary"]


def weight_shape(values: np.ndarray) -> list[str]:
    """What is said of weights with these values."""
    layers = [{**linear("a", 0), "parameters": [parameter("a.weight", 64, 64)]}, linear("out", 1)]
    histogram = Histogram.of("weight/a.weight", 150, 0.0, values.astype(np.float32))
    steps, keys = np.arange(STEPS), ("loss",)
    frame = Frame(keys, steps, steps.astype(np.float64), np.array([LEARNING]).T)
    return [entry["summary"] for entry in found("weight_shape", Report("w", 1, (frame,), (histogram,), tuple(layers)))]


def test_weights_at_one_value_or_with_heavy_tails_are_noted_and_others_are_not() -> None:
    random = np.random.default_rng(0)
    assert not weight_shape(random.normal(0, 0.1, 4096))
    assert not weight_shape(random.uniform(-0.1, 0.1, 4096))
    assert not weight_shape(random.laplace(0, 0.1, 4096))
    assert "lie at about" in weight_shape(np.clip(random.normal(0, 0.1, 4096), -0.01, 0.01))[0]
    tails = np.where(random.random(4096) < 0.01, random.choice([-3.0, 3.0], 4096), random.normal(0, 0.05, 4096))
    assert "heavy tails" in weight_shape(tails)[0]


@pytest.mark.parametrize(
    ("std", "weight", "function", "saturated", "initialisation"),
    [
        (10.0, 1.0, "Tanh", ["note"], ["warning"]),
        (10.0, 0.1, "Tanh", ["note"], []),
        (3.0, 1.0, "Tanh", [], []),
        (10.0, 1.0, None, [], []),
        (6.0, 1.0, "Sigmoid", [], []),
    ],
)
def test_units_that_a_function_saturates_are_told_by_what_goes_into_it(
    report: MakeReport, std: float, weight: float, function: str | None, saturated: list[str], initialisation: list[str]
) -> None:
    """Wide weights beside them are wrong by definition, saturation by itself only where the loss shows it."""
    layers = [linear("in", 0, 8, 128), linear("deep", 1, 128, 128), linear("out", 2, 128, 10)]
    squashed = {"deep.weight": function} if function else {}
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "squashed": squashed}}
    series = {"loss": LEARNING, "activation_std/deep": still(std), "weight_std/deep.weight": still(weight)}
    told = report(series, layers=layers, facts=[wiring])
    assert severities("saturated_units", told) == saturated
    assert severities("initialisation", told) == initialisation


@pytest.mark.parametrize(
    ("squared", "largest", "loss", "told"),
    [
        (0.97, 1.0, FLAT_AT_HALF, ["warning"]),
        (0.97, 1.0, LEARNING, ["note"]),
        (0.60, 1.0, FLAT_AT_HALF, []),
        (0.97, 3.0, FLAT_AT_HALF, []),
    ],
    ids=["without a slope", "learned all the same", "with a slope", "not the function alone"],
)
def test_a_function_of_the_users_own_that_steepens_is_told_by_what_it_gives(
    report: MakeReport, squared: float, largest: float, loss: Sequence[float], told: list[str]
) -> None:
    """The mean slope of tanh is 1 - E[y^2]; all that squash without one from the start on are wrong as such."""
    layers = [linear("in", 0), layer("in.steep", "Steep", 1), linear("out", 2, 16, 10)]
    wiring: Fact = {
        "kind": "wiring",
        "step": 0,
        "details": {"pairs": [], "linear": False, "squashed": {"in.weight": "Tanh"}},
    }
    series = {
        "loss": loss,
        "activation_std/in": still(0.6),
        "activation_std/in.steep": still(math.sqrt(squared)),
        "activation_mean/in.steep": still(0.0),
        "activation_absmax/in.steep": still(largest),
    }
    assert severities("saturated_units", report(series, layers=layers, facts=[wiring])) == told


@pytest.mark.parametrize(
    ("dtype", "without", "called", "told"),
    [
        ("int64", ["table.weight"], False, ["warning"]),
        ("int64", ["table.weight"], True, []),
        ("int64", [], False, []),
        ("float32", ["table.weight"], False, []),
    ],
    ids=["read past the graph", "called", "with a gradient", "of no use to numbers"],
)
def test_a_table_that_is_read_past_the_graph_never_learns(
    report: MakeReport, dtype: str, without: list[str], called: bool, told: list[str]
) -> None:
    layers = [{**linear("table", 0), "type": "Embedding"}, linear("in", 1), linear("out", 2, 16, 10)]
    silent: Fact = {"kind": "no_gradient", "step": 0, "parameters": without}
    fed: Fact = {"kind": "criterion", "step": 0, "type": "MSELoss", "details": {"input_dtype": dtype}}  # type: ignore[typeddict-unknown-key]
    optimizer: Fact = {"kind": "optimizer", "step": 0}
    series = {"loss": LEARNING, "activation_std/in": still(1.0), "gradient_norm/in.weight": still(0.1)}
    series |= {"activation_std/table": still(1.0)} if called else {}
    told_of = found("frozen_parameters", report(series, layers=layers, facts=[silent, fed, optimizer]))
    assert [entry["severity"] for entry in told_of if "past the graph" in entry["summary"]] == told


@pytest.mark.parametrize(
    ("sums", "repeated", "loss", "told"),
    [
        (True, {"again.weight": 12}, CHANCE, ["warning"]),
        (True, {"again.weight": 12}, LEARNING, ["note"]),
        (False, {"again.weight": 12}, CHANCE, []),
        (True, {}, CHANCE, []),
    ],
)
def test_a_recurrence_that_nothing_bends_is_one_linear_map(
    report: MakeReport, sums: bool, repeated: dict[str, int], loss: Sequence[float], told: list[str]
) -> None:
    details = {"pairs": [], "linear": False, "linear_but_sums": sums, "repeated": repeated}
    wiring: Fact = {"kind": "wiring", "step": 0, "details": details}
    layers = [linear("into", 0), linear("again", 1), linear("out", 2, 16, 10)]
    assert severities("missing_nonlinearity", report({"loss": loss}, layers=layers, facts=[wiring, LABELS])) == told
