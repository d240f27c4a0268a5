"""Which cause the first non-finite value has, told by where it is and by what came before."""

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact, Layer, WarningEntry
from trainvitals_wire.report import Report

LAYERS = [linear("fc1", 0), linear("fc2", 1), linear("out", 2)]
CUSTOM: Layer = {"name": "scale", "type": "UnitLength", "order": 0, "output_shape": [32, 16], "parameters": []}
LOSS_STEPS = 41
SAMPLED = np.full(LOSS_STEPS, 0.6)


def losses(last: float = np.nan) -> list[float]:
    """A loss that falls, and breaks at step 40."""
    return [*np.linspace(2.3, 1.0, LOSS_STEPS - 1), last]


def broken(values: np.ndarray, last: float = np.nan) -> list[float]:
    """The same, not finite at the last step."""
    return [*values[:-1], last]


def fact(kind: str, step: int, **fields: object) -> Fact:
    return {"kind": kind, "step": step, **fields}  # type: ignore[typeddict-item]


def told(*reports: Report) -> WarningEntry:
    """The warning of the rule."""
    judge = Judge()
    for report in reports:
        judge.add(report)
    (warning,) = [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == "non_finite"]
    return warning


def first_cause(*reports: Report) -> str:
    return told(*reports)["causes"][0]["cause"]


def test_an_input_that_is_not_finite_is_named_with_its_element(report: MakeReport) -> None:
    seen = fact(
        "nonfinite",
        40,
        where="input",
        owner="",
        details={"index": [3, 5], "value": "nan", "count": 1, "shape": [32, 60]},
    )
    warning = told(report({"loss": losses(), "activation_std/fc1": broken(SAMPLED)}, layers=LAYERS, facts=[seen]))
    assert warning["causes"][0]["cause"] == "non_finite_input"
    assert "element [3, 5] is nan, 1 of 1920 are not finite" in warning["summary"]


def test_an_input_that_the_model_copes_with_is_no_cause(report: MakeReport) -> None:
    seen = fact("nonfinite", 3, where="input", owner="")
    series = {"loss": losses(), **{f"activation_std/{name}": SAMPLED for name in ("fc1", "fc2", "out")}}
    assert first_cause(report(series, layers=LAYERS, facts=[seen])) == "unstable_loss"


def test_a_linear_first_layer_makes_no_nan_of_a_finite_input(report: MakeReport) -> None:
    assert (
        first_cause(report({"loss": losses(), "activation_std/fc1": broken(SAMPLED)}, layers=LAYERS))
        == "non_finite_input"
    )


@pytest.mark.parametrize("seen", [[], [fact("input", 0, details={"mean": 0.1})]])
def test_a_first_layer_of_ones_own_is_blamed_itself(report: MakeReport, seen: list[Fact]) -> None:
    series = {"loss": losses(), "activation_std/scale": broken(SAMPLED), "activation_std/fc2": broken(SAMPLED)}
    assert first_cause(report(series, layers=[CUSTOM, *LAYERS[1:]], facts=seen)) == "unstable_layer"


def test_what_lies_between_two_finite_layers_is_named(report: MakeReport) -> None:
    series = {"loss": losses(), "activation_std/fc1": SAMPLED, "activation_std/fc2": broken(SAMPLED)}
    cause = told(report(series, layers=LAYERS))["causes"][0]
    assert cause["cause"] == "unstable_layer"
    assert "what lies between fc1 and fc2 made it" in cause["why"]


def test_a_mask_of_infinities_is_not_the_first_layer(report: MakeReport) -> None:
    mask = {"activation_std/fc1": np.full(LOSS_STEPS, np.nan), "activation_std/fc2": SAMPLED}
    series = {"loss": losses(), **mask, "activation_std/out": broken(SAMPLED)}
    assert told(report(series, layers=LAYERS))["layer"] == "out"


def test_the_weights_were_broken_before_the_forward_pass_was(report: MakeReport) -> None:
    seen = [
        fact("nonfinite", 40, where="weight", owner="fc1.weight"),
        fact("nonfinite", 40, where="activation", owner="fc1"),
    ]
    causes = told(report({"loss": losses()}, layers=LAYERS, facts=seen))["causes"]
    assert [cause["cause"] for cause in causes[:2]] == ["unstable_loss", "unstable_layer"]


def test_a_weight_that_was_never_initialised_is_named(report: MakeReport) -> None:
    seen = fact("nonfinite", 0, where="weight", owner="fc2.weight", details={"index": [0, 1], "value": "nan"})
    warning = told(report({"loss": [np.nan] * 5}, layers=LAYERS, facts=[seen]))
    assert (warning["causes"][0]["cause"], warning["layer"]) == ("bad_initialisation", "fc2")


@pytest.mark.parametrize(("last", "cause"), [(np.nan, "non_finite_input"), (np.inf, "unstable_loss")])
def test_a_loss_of_torch_brings_no_nan_by_itself(report: MakeReport, last: float, cause: str) -> None:
    criterion = fact("criterion", 0, type="CrossEntropyLoss", details={"output_shape": [32, 10]})
    assert first_cause(report({"loss": losses(last)}, layers=LAYERS, facts=[criterion])) == cause


def test_targets_that_are_not_finite_are_data_as_well(report: MakeReport) -> None:
    series = {"loss": losses(), "activation_std/fc1": SAMPLED, "target_mean": broken(SAMPLED)}
    assert first_cause(report(series, layers=LAYERS)) == "non_finite_input"


def test_values_that_had_grown_from_layer_to_layer_overflowed(report: MakeReport) -> None:
    series = {"loss": [np.nan], "activation_std/fc1": [1e14], "activation_std/fc2": [np.nan]}
    assert first_cause(report(series, layers=LAYERS)) == "exploding_activation"


@pytest.mark.parametrize("key", ["gradient_norm_total", "activation_std/fc2"])
def test_growth_by_an_order_of_magnitude_speaks_for_the_learning_rate(report: MakeReport, key: str) -> None:
    grown = [*np.full(30, 1.0), *np.geomspace(1.0, 300.0, 10), np.nan]
    assert first_cause(report({"loss": losses(), key: grown}, layers=LAYERS)) == "learning_rate_too_high"


def test_a_warm_up_is_no_leap_of_the_learning_rate(report: MakeReport) -> None:
    rate = np.linspace(1e-6, 1e-3, LOSS_STEPS)
    assert first_cause(report({"loss": losses(), "learning_rate": rate}, layers=LAYERS)) == "unstable_loss"
    leap = np.where(np.arange(LOSS_STEPS) < 38, 1e-3, 0.5)
    assert first_cause(report({"loss": losses(), "learning_rate": leap}, layers=LAYERS)) == "learning_rate_too_high"


def test_steps_that_a_scaler_skips_are_a_state(report: MakeReport) -> None:
    total = [np.inf, np.inf, np.inf, *np.full(5, 1.0), np.inf, np.inf, np.inf, np.inf]
    series = {"loss": np.linspace(2.3, 2.0, 12), "gradient_norm_total": total, "gradient_scale": np.full(12, 1024.0)}
    judge = Judge()
    judge.add(report(series, layers=LAYERS))
    assert judge.evaluate()["warnings"] == []


def test_a_scaler_that_skips_without_end_is_none(report: MakeReport) -> None:
    total = np.full(12, np.inf)
    series = {"loss": np.full(12, 2.3), "gradient_norm_total": total, "gradient_scale": np.full(12, 1024.0)}
    assert first_cause(report(series, layers=LAYERS)) == "unstable_loss"


def test_the_card_says_what_moved_first(report: MakeReport) -> None:
    still, leapt = np.full(LOSS_STEPS, 1.0), np.where(np.arange(LOSS_STEPS) < 35, 1.0, 40.0)
    series = {
        "loss": losses(),
        "activation_std/fc1": still,
        "gradient_norm/fc1.weight": leapt,
        "gradient_norm/fc2.weight": np.where(np.arange(LOSS_STEPS) < 34, 1.0, 50.0),
    }
    why = told(report(series, layers=LAYERS))["causes"][-1]["why"]
    assert "the first to move was the gradient of fc2.weight at step 34, to 50 times its usual, from one step" in why


def test_a_batch_unlike_the_others_is_named(report: MakeReport) -> None:
    series = {"loss": losses(), "activation_std/fc1": SAMPLED, "input_std": broken(np.ones(LOSS_STEPS), 90.0)}
    assert "one batch did it" in told(report(series, layers=LAYERS))["causes"][-1]["why"]


def test_a_gradient_that_broke_one_step_before_the_loss_is_where_it_began(report: MakeReport) -> None:
    early_skip = [np.inf, *np.full(38, 1.0), np.nan, np.nan]
    series = {
        "loss": losses(),
        "gradient_norm_total": early_skip,
        "activation_std/fc1": broken(SAMPLED),
        "gradient_norm/out.weight": early_skip,
    }
    warning = told(report(series, layers=LAYERS))
    assert (warning["first_step"], warning["layer"]) == (39, "out")
    assert warning["causes"][0]["cause"] == "unstable_loss"


@pytest.mark.parametrize(("counted", "cause"), [(1311, "non_finite_input"), (1312, "unstable_loss")])
def test_targets_that_were_left_out_of_the_count_are_not_finite(report: MakeReport, counted: int, cause: str) -> None:
    looks = [(31, 32, 1024, 1024), (40, 41, 1312, counted)]
    facts = [fact("input", step, details={"looks": look, "rows": rows}) for step, look, rows, _ in looks]
    facts += [
        fact("target", step, details={"looks": look, "units": 1, "count": count}) for step, look, _, count in looks
    ]
    series = {"loss": losses(), **{f"activation_std/{name}": SAMPLED for name in ("fc1", "fc2", "out")}}
    assert first_cause(report(series, layers=LAYERS, facts=facts)) == cause


@pytest.mark.parametrize(
    ("counts", "cause"),
    [
        ({"input": 0, "output": 12, "target": 0}, "unstable_layer"),
        ({"input": 0, "output": 0, "target": 0}, "unstable_loss"),
        ({"input": 0, "output": 0, "target": 1}, "non_finite_input"),
    ],
)
def test_a_step_that_was_not_sampled_is_told_by_what_its_loss_was_made_of(
    report: MakeReport, counts: dict[str, int], cause: str
) -> None:
    criterion = fact("criterion", 0, type="CrossEntropyLoss", details={})
    seen = fact("nonfinite", 40, where="loss", owner="criterion_loss", details={"nonfinite": counts})
    assert first_cause(report({"loss": losses()}, layers=LAYERS, facts=[criterion, seen])) == cause


def test_a_term_beside_the_criterion_is_the_loss_itself(report: MakeReport) -> None:
    criterion = fact("criterion", 0, type="CrossEntropyLoss", details={})
    seen = fact("nonfinite", 40, where="loss", owner="criterion_loss", details={"nonfinite": {"input": 0}})
    series = {"loss": losses(), "criterion_loss": losses(1.0)}
    cause = told(report(series, layers=LAYERS, facts=[criterion, seen]))["causes"][0]
    assert cause["cause"] == "unstable_loss"
    assert "what is added to it" in cause["why"]


@pytest.mark.parametrize("name", ["nll", "train/poisson_nll", "J"])
def test_a_loss_that_is_infinite_again_and_again_is_told_under_whatever_name(report: MakeReport, name: str) -> None:
    values = [np.inf if step % 9 == 4 else 1.0 for step in range(60)]
    assert first_cause(report({name: values, "gradient_norm_total": [1.0] * 60}, layers=LAYERS)) == "unstable_loss"


def test_a_later_step_shows_that_the_loss_breaks_by_itself(report: MakeReport) -> None:
    """At the first one nobody looked, and updates were large: by now such weights would have made the outputs NaN."""
    loss = [np.nan if step in (4, 10) else 1.0 for step in range(20)]
    rates = [1e-3 if step < 4 else 1e-1 for step in range(20)]
    looked = report({"activation_absmax/out": [3.0] * 15}, first_step=5, layers=LAYERS)
    assert first_cause(report({"loss": loss, "learning_rate": rates}), looked) == "unstable_loss"


def silent(series: dict[str, list[float]], report: MakeReport) -> bool:
    judge = Judge()
    judge.add(report({**series, "gradient_norm_total": [1.0] * 60}, layers=LAYERS))
    return not [entry for entry in judge.evaluate()["warnings"] if entry["rule"] == "non_finite"]


def test_a_term_or_a_metric_may_be_nan_where_there_is_nothing_to_average(report: MakeReport) -> None:
    gaps, sound = [np.nan if step % 9 == 4 else 1.0 for step in range(60)], [1.0] * 60
    assert silent({"loss/box": gaps, "loss/class": sound}, report)
    assert silent({"loss/box": [*sound[:-3], *[np.nan] * 3], "loss/class": sound}, report)
    assert silent({"loss": sound, "loss/box": [np.inf] * 60}, report)
    assert silent({"J": gaps}, report)
    assert silent({"val_best": [np.inf] * 60}, report)


def test_a_term_that_is_never_finite_again_is_told(report: MakeReport) -> None:
    assert not silent({"loss/box": [1.0] * 40 + [np.nan] * 20, "loss/class": [1.0] * 60}, report)


@pytest.mark.parametrize(
    ("kind", "epsilon", "cause"),
    [
        ("float16", 1e-8, "precision_underflow"),
        ("float16", 0.0, "precision_underflow"),
        ("float16", 1e-4, "unstable_loss"),
        ("float16", [None, 1e-3], "unstable_loss"),
        ("bfloat16", 1e-8, "unstable_loss"),
        ("float32", 1e-8, "unstable_loss"),
    ],
)
def test_an_epsilon_that_float16_cannot_hold_divides_0_by_0(
    report: MakeReport, kind: str, epsilon: object, cause: str
) -> None:
    layers: list[Layer] = [
        {**layer, "parameters": [{**p, "dtype": kind} for p in layer["parameters"]]} for layer in LAYERS
    ]
    optimizer = fact("optimizer", 0, type="Adam", details={"groups": [{"lr": 1e-3, "eps": epsilon}]})
    seen = fact("nonfinite", 40, where="weight", owner="fc1.weight")
    assert first_cause(report({"loss": losses()}, layers=layers, facts=[optimizer, seen])) == cause
