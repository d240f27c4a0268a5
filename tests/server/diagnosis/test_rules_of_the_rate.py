"""What updates that are too large or too small show, whatever else they look like, and what resembles each."""

import math
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear
from tests.server.diagnosis.test_rules_of_layers import LABELS, found, layer, severities

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact

STEPS = 400
AT = np.arange(STEPS)
NOISE = np.random.default_rng(0).normal(0, 0.05, STEPS)
PLAIN = [linear("a", 0), layer("a.relu", "ReLU", 1), linear("b", 2), linear("out", 3)]
LEAP = np.where(AT < 200, 1e-3, 0.5)


def leaping(level: float) -> Any:
    """A loss that is learned until the learning rate leaps, thrown up, and comes down again to a level."""
    return np.where(AT < 200, 0.1 + 2.2 * np.exp(-AT / 40), level + 200 * np.exp(-(AT - 200.0) / 25)) + NOISE


@pytest.mark.parametrize(("level", "said"), [(9.0, ["warning"]), (0.1, [])])
def test_what_was_learned_is_lost_where_a_leap_of_the_rate_leaves_less_than_an_untrained_network_knows(
    report: MakeReport, level: float, said: list[str]
) -> None:
    told = report({"loss": leaping(level), "learning_rate": LEAP}, layers=PLAIN, facts=[LABELS])
    assert severities("no_progress", told) == said


def test_a_leap_of_the_rate_that_throws_back_is_the_cause(report: MakeReport) -> None:
    (told,) = found("no_progress", report({"loss": leaping(9.0), "learning_rate": LEAP}, layers=PLAIN, facts=[LABELS]))
    assert [cause["cause"] for cause in told["causes"]] == ["learning_rate_too_high", "diverging"]


@pytest.mark.parametrize(("sign", "told"), [(1, 1), (-1, 0)])
def test_an_optimizer_that_maximises_the_criterion_climbs_however_large_its_updates_are(
    report: MakeReport, sign: int, told: int
) -> None:
    maximises: Fact = {"kind": "optimizer", "step": 0, "type": "SGD", "details": {"groups": [{"maximize": True}]}}
    wild = 2.3 * np.exp(AT / 3) * (1 + 0.5 * np.sin(AT))
    series = {
        "loss": sign * wild,
        "criterion_loss": wild,
        **{f"update_ratio/{name}.weight": np.full(STEPS, 0.3) for name in ("a", "b", "out")},
    }
    fed: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"output_shape": [32, 10]}}
    assert len(found("loss_sign", report(series, layers=PLAIN, facts=[fed, maximises]))) == told
    if sign > 0:
        assert not found("loss_sign", report(series, layers=PLAIN, facts=[fed]))


def test_what_a_function_squashes_lets_the_gradient_fade_by_itself(report: MakeReport) -> None:
    layers = [linear(f"l{i:02}", i) for i in range(12)]
    series = {
        "loss": math.log(10) + NOISE,
        **{f"gradient_norm/l{i:02}.weight": np.full(STEPS, 10.0 ** (i - 11)) for i in range(12)},
    }
    for squashed, rules in (({}, 1), ({"l03.weight": "Sigmoid"}, 0)):
        wiring: Fact = {
            "kind": "wiring",
            "step": 0,
            "details": {"pairs": [], "linear": False, "joins": 0, "squashed": squashed},
        }
        told = report(series, layers=layers, facts=[LABELS, wiring])
        assert len(found("degradation_with_depth", told)) == rules
        assert severities("vanishing_gradient", told) == ["warning"]


def of_weights(statistic: str, **values: float) -> dict[str, Any]:
    """One statistic of each weight, the same all along."""
    return {f"{statistic}/{name}.weight": np.full(STEPS, value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("ratio", "head", "level", "said"),
    [
        pytest.param(5e-5, 5e-4, 2.2, ["warning"], id="crawls"),
        pytest.param(5e-5, 5e-4, 0.3, [], id="learns all the same"),
        pytest.param(2e-3, 2e-3, 2.2, [], id="moves as it should"),
        pytest.param(5e-5, 0.0, 2.2, [], id="a head that starts at zero"),
    ],
)
def test_weights_that_are_as_drawn_while_the_loss_crawls_say_that_the_rate_is_too_low(
    report: MakeReport, ratio: float, head: float, level: float, said: list[str]
) -> None:
    series = {
        "loss": np.linspace(2.4, level, STEPS) + 0.1 * NOISE,
        **of_weights("update_ratio", a=ratio, b=ratio, out=head),
    }
    if not head:
        series["update_ratio/out.weight"][0] = math.nan
    assert severities("learning_rate", report(series, layers=PLAIN, facts=[LABELS])) == said


@pytest.mark.parametrize(("level", "said"), [(1.0, ["warning"]), (0.5, [])])
def test_a_first_batch_harder_than_most_hides_no_rate_that_is_too_low(
    report: MakeReport, level: float, said: list[str]
) -> None:
    looked: Fact = {"kind": "criterion", "step": 0, "type": "MSELoss", "details": {"reduction": "mean"}}
    looked["details"] |= {"target_mean": 0.0, "target_std": 1.0, "output_shape": [32, 1], "target_shape": [32, 1]}
    series = {
        "loss": np.where(AT == 0, 1.6, 1 + (level - 1) * (1 - np.exp(-AT / 60))) + NOISE,
        **of_weights("update_ratio", a=3e-6, b=9e-6, out=1.1e-4),
    }
    assert severities("learning_rate", report(series, layers=PLAIN, facts=[looked])) == said


@pytest.mark.parametrize(
    ("ratio", "cause"), [(5e-5, "learning_rate_too_low"), (2e-4, "no_progress"), (3e-3, "labels_unrelated_to_inputs")]
)
def test_whose_weights_are_as_drawn_cannot_tell_whether_labels_belong_to_inputs(
    report: MakeReport, ratio: float, cause: str
) -> None:
    series = {
        "loss": math.log(10) + NOISE,
        "prediction_accuracy": np.full(STEPS, 0.1),
        **of_weights("update_ratio", a=ratio, b=ratio, out=ratio),
    }
    labels: Fact = {"kind": "labels", "step": 0, "details": {"label_counts": {str(i): 99 for i in range(10)}}}
    labels["details"]["count"] = 990
    judge = Judge()
    judge.add(report(series, layers=PLAIN, facts=[LABELS, labels]))
    assert judge.evaluate()["incidents"][0]["causes"][0]["cause"] == cause


def test_a_loss_that_rises_under_updates_that_were_too_large_for_long_rises_because_of_them(
    report: MakeReport,
) -> None:
    loss = np.where(AT < 200, 0.3 + 2 * np.exp(-AT / 40), 0.3 + (AT - 200) / 100) + NOISE
    for ratio, said in ((0.02, ["warning"]), (2e-3, [])):
        series = {"loss": loss, **of_weights("update_ratio", a=ratio, b=ratio, out=ratio)}
        told = report(series, layers=PLAIN, facts=[LABELS])
        assert severities("learning_rate", told) == said


@pytest.mark.parametrize(("kind", "said"), [("Linear", ["warning"]), ("LSTM", [])])
def test_a_recurrent_network_may_wait_longer_at_chance(report: MakeReport, kind: str, said: list[str]) -> None:
    layers = [{**linear("a", 0), "type": kind}, linear("out", 1)]
    early = report({"loss": math.log(10) + NOISE[:150]}, layers=layers, facts=[LABELS])
    late = report({"loss": math.log(10) + NOISE[:250]}, layers=layers, facts=[LABELS])
    assert severities("no_progress", early) == said
    assert severities("no_progress", late) == ["warning"]


def test_a_rate_that_is_gone_within_the_warm_up_had_no_plateau_to_wait_for(report: MakeReport) -> None:
    for gone, said in ((20, ["warning"]), (150, [])):
        series = {
            "loss": 1.8 + 0.5 * np.exp(-AT / 8) + NOISE,
            "learning_rate": np.where(np.arange(STEPS) < gone, 1e-3, 1e-6),
        }
        assert severities("learning_rate_schedule", report(series, layers=PLAIN, facts=[LABELS])) == said


@pytest.mark.parametrize(
    ("stops", "said"),
    [pytest.param(101, ["warning"], id="the steps shrink"), pytest.param(40, [], id="it had stopped before")],
)
def test_a_loss_slowed_down_by_the_first_cut_of_the_rate_had_not_stopped_by_itself(
    report: MakeReport, stops: int, said: list[str]
) -> None:
    series = {
        "loss": 2.3 - 0.4 * np.minimum(AT, stops) / stops + 0.2 * NOISE,
        "learning_rate": 1e-3 * np.where(AT > 101, 0.1, 1.0) * np.where(AT > 198, 0.01, 1.0),
    }
    assert severities("learning_rate_schedule", report(series, layers=PLAIN, facts=[LABELS])) == said


@pytest.mark.parametrize(("first", "count"), [(0.01, 1), (0.9, 0)])
def test_a_climb_after_updates_that_replaced_the_weights_says_nothing_of_the_sign(
    report: MakeReport, first: float, count: int
) -> None:
    rising = 2.3 * np.exp(AT / 50)
    ratio = np.where(AT < 3, first, 0.01)
    series = {"loss": rising, "criterion_loss": rising, "update_ratio/a.weight": ratio, "update_ratio/b.weight": ratio}
    fed: Fact = {"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": {"output_shape": [32, 10]}}
    assert len(found("loss_sign", report(series, layers=PLAIN, facts=[fed]))) == count


def test_an_epsilon_that_dominates_is_wrong_where_the_loss_crawls_by_it(report: MakeReport) -> None:
    for level, said in ((2.0, ["warning"]), (0.2, ["note"])):
        series = {
            "loss": np.linspace(2.4, level, STEPS) + 0.1 * NOISE,
            **of_weights("update_ratio", a=5e-4, b=5e-4, out=5e-4),
            **of_weights("epsilon_dominated_fraction", a=1.0, b=1.0, out=1.0),
        }
        assert severities("adam_epsilon", report(series, layers=PLAIN, facts=[LABELS])) == said


BINARY: Fact = {
    "kind": "criterion",
    "step": 0,
    "details": {"type": "BCEWithLogitsLoss", "output_shape": [32], "target_shape": [32], "classes": 2},
}
EVEN: Fact = {"kind": "labels", "step": 0, "details": {"label_counts": {"0": 500, "1": 500}, "count": 1000}}


@pytest.mark.parametrize(
    ("kind", "level", "said"),
    [
        pytest.param("LSTM", 0.69, ["note"], id="waits at chance"),
        pytest.param("LSTM", 0.9, ["warning"], id="thrown about above chance"),
        pytest.param("Linear", 0.69, ["warning"], id="carries nothing over steps"),
    ],
)
def test_large_updates_alone_are_no_fault_of_a_recurrent_network_that_waits_at_chance(
    report: MakeReport, kind: str, level: float, said: list[str]
) -> None:
    layers = [{**linear("a", 0), "type": kind}, linear("b", 1), linear("out", 2)]
    ratios = {name: series[:150] for name, series in of_weights("update_ratio", a=0.04, b=0.04, out=0.04).items()}
    told = report({"loss": level + 0.2 * NOISE[:150], **ratios}, layers=layers, facts=[BINARY, EVEN])
    assert severities("learning_rate", told) == said


def test_a_recurrent_network_that_was_better_than_chance_may_lose_it_once(report: MakeReport) -> None:
    dip = 0.68 - 0.15 * np.exp(-(((AT - 120) / 30.0) ** 2)) + 0.2 * NOISE
    for kind, said in (("LSTM", []), ("Linear", ["warning"])):
        layers = [{**linear("a", 0), "type": kind}, linear("out", 1)]
        told = report({"loss": dip[:230]}, layers=layers, facts=[BINARY, EVEN])
        assert severities("no_progress", told) == said
    for_long = report(
        {"loss": dip}, layers=[{**linear("a", 0), "type": "LSTM"}, linear("out", 1)], facts=[BINARY, EVEN]
    )
    assert severities("no_progress", for_long) == ["warning"]


@pytest.mark.parametrize(
    ("kind", "level", "until", "said"),
    [
        pytest.param("GRU", 0.45, 190, [], id="lost some of what it had learned"),
        pytest.param("GRU", 0.45, 380, ["warning"], id="and did not find it again"),
        pytest.param("GRU", 0.7, 190, ["warning"], id="lost all of it"),
        pytest.param("Linear", 0.45, 190, ["warning"], id="carries nothing over steps"),
    ],
)
def test_a_recurrent_network_may_lose_some_of_what_it_had_learned_and_find_it_again(
    report: MakeReport, kind: str, level: float, until: int, said: list[str]
) -> None:
    loss = np.where(AT < 150, 0.1 + 0.59 * np.exp(-AT / 25.0), level) + 0.1 * NOISE
    layers = [{**linear("a", 0), "type": kind}, linear("out", 1)]
    assert severities("no_progress", report({"loss": loss[:until]}, layers=layers, facts=[BINARY, EVEN])) == said


@pytest.mark.parametrize(
    ("points", "after", "said"),
    [
        pytest.param(5, 1.6, [], id="a spike that was recovered from"),
        pytest.param(30, 1.6, ["note"], id="high for long"),
        pytest.param(5, 2.3, ["warning"], id="nothing is left of what was known"),
    ],
)
def test_a_spike_of_a_few_steps_that_was_recovered_from_is_no_rise(
    report: MakeReport, points: int, after: float, said: list[str]
) -> None:
    spike = np.where((AT >= 20) & (20 + points > AT), 12.0, np.where(AT < 20, 2.0, after)) + NOISE
    ratio = np.where(AT < 30, 0.02, 2e-3)
    ratios = {f"update_ratio/{name}.weight": ratio for name in ("a", "b", "out")}
    assert severities("learning_rate", report({"loss": spike, **ratios}, layers=PLAIN, facts=[LABELS])) == said
