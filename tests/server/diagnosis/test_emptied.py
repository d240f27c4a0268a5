"""A function that gives 0 for all that several layers give it, as `relu(x - 3)` does."""

import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_rules_of_what_goes_in import IMAGES, fact, found

from trainvitals_server.diagnosis.emptied import emptied
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Layer
from trainvitals_wire.report import Report

STEPS = 20
NAMES = ("first", "second", "third", "output")


def with_bias(name: str, order: int) -> Layer:
    layer = linear(name, order)
    return {**layer, "parameters": [*layer["parameters"], parameter(f"{name}.bias", 16)]}


def cut(report: MakeReport, second_std: float, first_gradient: float = 0.0, nonpositive: float = 0.0) -> Report:
    """Four layers; those behind the first give their biases, whose std is 0.1, and the second what it is told."""
    told: dict[str, float] = {"output_variation": 0.0, "nonpositive_unit_fraction/first": nonpositive}
    for name in NAMES:
        told |= {f"gradient_norm/{name}.weight": 0.0, f"gradient_norm/{name}.bias": 0.0}
        told |= {f"activation_absmax/{name}": 0.3, f"activation_mean/{name}": 0.0, f"activation_std/{name}": 0.1}
        told |= {f"weight_mean/{name}.bias": 0.0, f"weight_std/{name}.bias": 0.1}
    told |= {"activation_std/first": 0.6, "activation_std/second": second_std, "activation_std/third": second_std}
    told |= {"gradient_norm/output.bias": 0.5, "gradient_norm/second.weight": first_gradient}
    layers = [with_bias(name, order) for order, name in enumerate(NAMES)]
    return report({key: [value] * STEPS for key, value in told.items()}, layers=layers, facts=[fact("input", IMAGES)])


@pytest.mark.parametrize(
    ("second_std", "first_gradient", "places"),
    [(0.1, 0.0, ("first", "second", "third")), (0.2, 0.0, ()), (0.1, 1e-3, ("second", "third"))],
)
def test_layers_behind_which_nothing_but_zeros_goes_on_are_told_by_the_biases_that_are_left(
    report: MakeReport, second_std: float, first_gradient: float, places: tuple[str, ...]
) -> None:
    signals = Signals()
    signals.add(cut(report, second_std, first_gradient))
    assert emptied(signals) == places


def test_a_rectifier_above_all_that_it_is_given_is_named_and_no_slip_of_code(report: MakeReport) -> None:
    reported = cut(report, second_std=0.1)
    ((finding, severity),) = found("dead_units", reported)
    assert (finding.layer, finding.causes[0].cause, severity) == ("first", "dead_units", "warning")
    assert not found("input_ignored", reported)


def test_what_is_zeroed_once_is_still_a_slip_of_code(report: MakeReport) -> None:
    reported = cut(report, second_std=0.2)
    assert not found("dead_units", reported)
    assert found("input_ignored", reported)


def test_units_that_are_never_positive_need_no_threshold_to_be_dead(report: MakeReport) -> None:
    told = found("dead_units", cut(report, second_std=0.1, nonpositive=1.0))
    assert [finding.aspect for finding, _ in told if finding.aspect] == []
