"""Outputs that chase themselves, layers thrown apart, recurrences too steep, terms unheard: and what resembles each."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_rules_of_layers import LABELS, found, layer, severities

from trainvitals_wire.frame import Frame
from trainvitals_wire.loss_names import is_bootstrapped
from trainvitals_wire.records import Fact, Layer
from trainvitals_wire.report import Report

STEPS = 400
AT = np.arange(STEPS)
NOISE = np.random.default_rng(0).normal(0, 0.05, STEPS)
PLAIN = [linear("a", 0), layer("a.relu", "ReLU", 1), linear("b", 2), linear("out", 3)]
ERROR = 0.1 + 0.02 * NOISE
CROSS_ENTROPY: Fact = {
    "kind": "criterion",
    "step": 0,
    "type": "CrossEntropyLoss",
    "details": {"reduction": "mean", "classes": 10, "output_shape": [32, 10], "target_shape": [32]},
}


def chasing(report: MakeReport, error: str, values: Sequence[float], output: Any, facts: Sequence[Fact] = ()) -> Any:
    """The mean of the output, which goes where `output` says, beside the error."""
    series = {error: values, "activation_mean/out": output, "weight_norm/out.weight": [1.0] * STEPS}
    return report(series, layers=PLAIN, facts=facts)


@pytest.mark.parametrize("error", ["td", "loss"])
def test_an_output_that_is_its_own_target_and_goes_on_for_ever_diverges(report: MakeReport, error: str) -> None:
    (told,) = found("weights_diverge", chasing(report, error, [*ERROR], 0.5 * AT))
    assert (told["severity"], told["layer"], told["causes"][0]["cause"]) == ("warning", "out", "diverging")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((ERROR, 200 * (1 - np.exp(-AT / 80))), id="comes to rest"),
        pytest.param((ERROR, 0.1 * AT), id="as far as the rewards reach"),
        pytest.param((10 * np.exp(-AT / 50) + 0.01, 5000.0 + AT), id="the error falls"),
    ],
)
def test_an_output_that_may_arrive_does_not_diverge(report: MakeReport, case: tuple[Any, Any]) -> None:
    assert not found("weights_diverge", chasing(report, "td", [*case[0]], case[1]))


def test_scores_of_classes_may_be_of_any_size(report: MakeReport) -> None:
    assert not found("weights_diverge", chasing(report, "loss", [*ERROR], 0.5 * AT, [LABELS]))


def test_an_error_against_a_bootstrapped_target_is_told_by_its_name() -> None:
    assert all(map(is_bootstrapped, ["td", "train/td_error", "bellman"]))
    assert not any(map(is_bootstrapped, ["std", "td/val", "loss"]))


@pytest.mark.parametrize(
    ("std", "level", "severity"), [(40.0, 1.6, "critical"), (4.0, 1.6, "note"), (40.0, 0.9, "note")]
)
def test_a_layer_that_the_first_updates_threw_apart_is_wrong_while_half_of_the_loss_is_left(
    report: MakeReport, std: float, level: float, severity: str
) -> None:
    # It falls slowly all the while: no stall.
    series = {
        "loss": 2.3 + (level - 2.3) * (1 - np.exp(-AT / 150)) + NOISE,
        "activation_std/a": np.where(AT < 2, 0.2, std),
    }
    ratios = {f"update_ratio/{name}.weight": np.where(AT < 5, 0.5, 0.02) for name in ("a", "b", "out")}
    assert severities("learning_rate", report(series | ratios, layers=PLAIN)) == [severity]


@pytest.mark.parametrize(("kind", "gradient", "count"), [("RNN", 4.0, 1), ("Linear", 4.0, 0), ("RNN", 1.0, 0)])
def test_a_matrix_that_is_applied_at_each_time_step_is_too_sensitive_sooner(
    report: MakeReport, kind: str, gradient: float, count: int
) -> None:
    cell: Layer = {
        "name": "cell",
        "type": kind,
        "order": 0,
        "output_shape": [32, 16],
        "parameters": [parameter("cell.weight", 16, 16)],
    }
    series = {
        "loss": 1 + NOISE,
        "gradient_norm/cell.weight": np.full(STEPS, gradient),
        "weight_norm/cell.weight": np.full(STEPS, 4.0),
    }
    assert len(found("exploding_gradient", report(series, layers=[cell, linear("out", 1)]))) == count


@pytest.mark.parametrize(("gradient", "level", "severity"), [(1e4, 0.6, ["warning"]), (1e4, 0.2, []), (25.0, 0.6, [])])
def test_a_start_so_steep_that_usual_updates_change_all_of_the_loss_is_wrong_while_it_falls_slowly(
    report: MakeReport, gradient: float, level: float, severity: list[str]
) -> None:
    series = {
        "loss": 1 + (level - 1) * (1 - np.exp(-AT / 150)) + 0.1 * NOISE,
        "gradient_norm/b.weight": np.full(STEPS, gradient),
        "weight_norm/b.weight": np.full(STEPS, 4.0),
    }
    assert severities("exploding_gradient", report(series, layers=PLAIN)) == severity


@pytest.mark.parametrize(
    ("kind", "leap", "factor", "count"),
    [
        pytest.param("RNN", 5, 1.0, 1, id="a cliff before the loss rose"),
        pytest.param("RNN", 25, 1.0, 0, id="after it had risen"),
        pytest.param("LSTM", 5, 1.0, 0, id="behind gates"),
        pytest.param("RNN", 5, 0.5, 0, id="clipped"),
    ],
)
def test_a_recurrence_that_the_first_updates_bring_to_a_cliff_explodes_by_itself(
    report: MakeReport, kind: str, leap: int, factor: float, count: int
) -> None:
    cell: Layer = {**linear("cell", 0), "type": kind}
    series = {
        "loss": np.where(AT < 20, 1.0, 50.0) + NOISE,
        "gradient_norm/cell.weight": np.where(leap == AT, 10.0, 1.0),
        "weight_norm/cell.weight": np.full(STEPS, 4.0),
        "gradient_clip_factor": np.full(STEPS, factor),
    }
    told = found("exploding_gradient", report(series, layers=[cell, linear("out", 1)]))
    assert [(entry["severity"], entry["first_step"]) for entry in told] == [("critical", 0)] * count


@pytest.mark.parametrize(("times", "level", "count"), [(1e5, 0.95, 1), (1e3, 0.95, 0), (1e5, 0.8, 0)])
def test_a_term_that_is_drowned_a_thousandfold_does_not_learn_by_creeping(
    report: MakeReport, times: float, level: float, count: int
) -> None:
    own = math.log(10) * (level + (1 - level) * np.exp(-AT / 150)) + 0.1 * NOISE
    large = times * (1 + np.exp(-AT / 30))
    series = {"loss": large + own, "loss/kind": own, "loss/speed": large, "criterion_loss": own}
    assert len(found("loss_scale", report(series, layers=PLAIN, facts=[CROSS_ENTROPY]))) == count


def squared_error(every: int, mean: float) -> Report:
    """A squared error that is logged each `every` steps, and the gradient of the output bias in the first sixteen."""
    layers = [linear("a", 0), linear("out", 1, outputs=1)]
    layers[-1]["parameters"].append(parameter("out.bias", 1))
    logged, sampled = np.arange(0, 60, every), np.arange(16)
    keys = ("gradient_norm/out.bias", "activation_mean/out", "activation_std/out")
    numbers = np.tile([2 * mean, 0.1, 0.1], (16, 1))
    frames = (
        Frame(("loss",), logged, 1.7e9 + logged, np.full((len(logged), 1), 1.05 * mean**2)),
        Frame(keys, sampled, 1.7e9 + sampled, numbers),
    )
    return Report("writer", 1, frames, layers=tuple(layers))


@pytest.mark.parametrize(("every", "mean", "count"), [(5, 6e4, 1), (1, 6e4, 1), (5, 60.0, 0), (8, 6e4, 0)])
def test_of_a_loss_that_is_logged_now_and_then_fewer_points_tell_of_extreme_targets(
    every: int, mean: float, count: int
) -> None:
    assert len(found("target_not_scaled", squared_error(every, mean))) == count


def tower(floors: int) -> list[Layer]:
    """So many linear layers with rectifiers between."""
    between = [layer(f"n{i}", "ReLU", 2 * i + 1) for i in range(floors)]
    return [part for i in range(floors) for part in (linear(f"l{i:02}", 2 * i), between[i])]


@pytest.mark.parametrize(
    ("floors", "joins", "variation", "count"), [(40, 0, 1e-3, 1), (40, 39, 1e-3, 0), (20, 0, 1e-3, 0), (40, 0, 0.3, 0)]
)
def test_a_very_deep_network_without_any_skip_may_lose_its_input_in_the_first_updates(
    report: MakeReport, floors: int, joins: int, variation: float, count: int
) -> None:
    series = {
        "loss": math.log(10) + 0.1 * NOISE,
        "output_variation": np.where(AT < 5, 0.2, variation),
        **{f"gradient_norm/l{i:02}.weight": np.ones(STEPS) for i in range(floors)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": joins}}
    told = severities("degradation_with_depth", report(series, layers=tower(floors), facts=[CROSS_ENTROPY, wiring]))
    assert told == ["warning"] * count


@pytest.mark.parametrize(
    ("floors", "joins", "level", "said"),
    [
        pytest.param(40, 0, 1.6, ["warning"], id="stopped far from learned"),
        pytest.param(40, 39, 1.6, [], id="residual"),
        pytest.param(20, 0, 1.6, [], id="of usual depth"),
        pytest.param(40, 0, 0.5, ["note"], id="learned all the same"),
        pytest.param(40, 0, math.log(10), [], id="at chance for any reason"),
    ],
)
def test_a_loss_that_stops_far_from_learned_is_told_from_a_depth_that_nothing_skips(
    report: MakeReport, floors: int, joins: int, level: float, said: list[str]
) -> None:
    falls = level + (math.log(10) - level) * np.exp(-AT / 15.0) + 0.1 * NOISE
    series = {
        "loss": falls,
        "output_variation": np.full(STEPS, 0.5),
        **{f"gradient_norm/l{i:02}.weight": np.ones(STEPS) for i in range(floors)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": joins}}
    layers = [*tower(floors), layer("norm", "LayerNorm", 2 * floors), linear("head", 2 * floors + 1)]
    told = severities("degradation_with_depth", report(series, layers=layers, facts=[CROSS_ENTROPY, wiring]))
    assert told == said


@pytest.mark.parametrize(("floors", "rate", "said"), [(40, 400.0, ["warning"]), (40, 60.0, ["note"]), (20, 400.0, [])])
def test_a_plain_network_deeper_than_any_that_trains_well_is_wrong_while_its_loss_is_high(
    report: MakeReport, floors: int, rate: float, said: list[str]
) -> None:
    """It falls all the while: nothing in the loss tells that fewer layers would learn faster."""
    series = {
        "loss": math.log(10) * np.exp(-AT / rate) + 0.1 * NOISE,
        "output_variation": np.full(STEPS, 0.5),
        **{f"gradient_norm/l{i:02}.weight": np.ones(STEPS) for i in range(floors)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": 0}}
    layers = [*tower(floors), linear("head", 2 * floors)]
    told = severities("degradation_with_depth", report(series, layers=layers, facts=[CROSS_ENTROPY, wiring]))
    assert told == said


@pytest.mark.parametrize(
    ("floors", "joins", "rate", "said"),
    [
        pytest.param(32, 0, 400.0, ["warning"], id="plain"),
        pytest.param(32, 31, 400.0, [], id="residual"),
        pytest.param(28, 0, 400.0, [], id="of usual depth"),
        pytest.param(32, 0, 60.0, ["note"], id="learned all the same"),
    ],
)
def test_norms_do_not_help_a_plain_network_that_deep(
    report: MakeReport, floors: int, joins: int, rate: float, said: list[str]
) -> None:
    series = {
        "loss": math.log(10) * np.exp(-AT / rate) + 0.1 * NOISE,
        "output_variation": np.full(STEPS, 0.5),
        **{f"gradient_norm/l{i:02}.weight": np.ones(STEPS) for i in range(floors)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": joins}}
    layers = [
        part
        for i in range(floors)
        for part in (linear(f"l{i:02}", 2 * i), layer(f"norm{i:02}", "BatchNorm1d", 2 * i + 1))
    ]
    told = severities("degradation_with_depth", report(series, layers=layers, facts=[CROSS_ENTROPY, wiring]))
    assert told == said


@pytest.mark.parametrize(
    ("floors", "joins", "growth", "level", "said"),
    [
        pytest.param(24, 0, 40.0, 1.6, ["warning"], id="plain"),
        pytest.param(24, 23, 40.0, 1.6, [], id="residual"),
        pytest.param(24, 0, 1.0, 1.6, [], id="nothing grows"),
        pytest.param(16, 0, 40.0, 1.6, [], id="of usual depth"),
        pytest.param(24, 0, 40.0, 0.3, ["note"], id="learned all the same"),
    ],
)
def test_norms_that_multiply_the_gradient_of_many_layers_tell_of_their_depth_earlier(
    report: MakeReport, floors: int, joins: int, growth: float, level: float, said: list[str]
) -> None:
    series = {
        "loss": level + (math.log(10) - level) * np.exp(-AT / 15.0) + 0.1 * NOISE,
        "output_variation": np.full(STEPS, 0.5),
        **{f"gradient_norm/l{i:02}.weight": np.full(STEPS, growth if i == 0 else 1.0) for i in range(floors)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": joins}}
    layers = [
        part
        for i in range(floors)
        for part in (linear(f"l{i:02}", 2 * i), layer(f"norm{i:02}", "BatchNorm1d", 2 * i + 1))
    ]
    told = severities("degradation_with_depth", report(series, layers=layers, facts=[CROSS_ENTROPY, wiring]))
    assert told == said
