"""A bias of the output that makes the size of the scores: it is the first loss that is wrong, not the input ignored."""

import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_rules_of_what_goes_in import CROSS_ENTROPY, IMAGES, fact, found, network

from trainvitals_server.diagnosis.output_bias import dominant_bias
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer
from trainvitals_wire.report import Report


def scores(report: MakeReport, bias: float, spread: float, loss: float = 300.0) -> Report:
    """Scores of a size of 500 that differ by `spread` between samples, and an output whose bias is so large."""
    head = linear("output", 2, 64, 10)
    biased: Layer = {**head, "parameters": [*head["parameters"], parameter("output.bias", 10)]}
    told = {"loss": loss, "criterion_loss": loss, "output_variation": spread / 500}
    told |= {"output_mean": 400.0, "output_std": 300.0, "weight_norm/output.bias": bias * 10**0.5}
    facts = [fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss"), fact("input", IMAGES)]
    return report({key: [value] * 200 for key, value in told.items()}, layers=[*network()[:2], biased], facts=facts)


@pytest.mark.parametrize(("bias", "named"), [(500.0, True), (100.0, False), (0.1, False)])
def test_the_bias_that_makes_most_of_the_first_outputs_is_told(report: MakeReport, bias: float, named: bool) -> None:
    signals = Signals()
    signals.add(scores(report, bias, spread=0.3))
    assert (dominant_bias(signals) is not None) == named


@pytest.mark.parametrize(("bias", "spread", "count"), [(500.0, 0.3, 0), (500.0, 1e-3, 1), (0.1, 0.3, 1)])
def test_scores_that_differ_beside_a_great_bias_do_not_ignore_the_input(
    report: MakeReport, bias: float, spread: float, count: int
) -> None:
    assert len(found("input_ignored", scores(report, bias, spread))) == count


def test_a_first_loss_that_a_bias_makes_names_it_and_is_wrong_by_definition(report: MakeReport) -> None:
    ((finding, severity),) = found("loss_at_init", scores(report, bias=500.0, spread=0.3))
    assert finding.by_definition
    assert severity == "warning"
    assert finding.remedy.startswith("Start output.bias at 0")
    assert not found("loss_at_init", scores(report, bias=500.0, spread=0.3, loss=2.3))


def test_a_loss_greater_than_scores_can_make_is_not_the_doing_of_their_bias(report: MakeReport) -> None:
    ((finding, _),) = found("loss_at_init", scores(report, bias=500.0, spread=0.3, loss=1e4))
    assert not finding.by_definition
    assert finding.remedy.startswith("Make the weights")
