"""What the graphs of autograd tell: layers that nobody registers, and a similarity without a minus."""

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport
from tests.server.diagnosis.test_rules_of_what_goes_in import fact, found, network

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import Fact

STEPS = 300
FALLING = 0.3 + 2 * np.exp(-np.arange(STEPS) / 60)
LIST = {"parameters": ["hidden.0.weight", "hidden.0.bias"], "parameters_count": 2, "attributes": ["hidden"]}
BARE = {"parameters": ["block.scale"], "parameters_count": 1, "attributes": ["block.scale"]}
NONE = {"parameters": [], "parameters_count": 0, "attributes": []}


@pytest.mark.parametrize(
    ("told", "words"), [(LIST, ["hidden holds 2 parameters", "nn.ModuleList"]), (BARE, ["block.scale", "nn.Parameter"])]
)
def test_what_no_module_registers_is_in_no_optimizer(
    report: MakeReport, told: dict[str, object], words: list[str]
) -> None:
    judge = Judge()
    judge.add(report({"loss": FALLING}, layers=network(), facts=[fact("unregistered", told)]))
    (incident,) = judge.evaluate()["incidents"]
    assert (incident["causes"][0]["cause"], incident["severity"]) == ("not_in_optimizer", "warning")
    assert all(word in incident["causes"][0]["why"] + incident["remedy"] for word in words)


def test_each_attribute_is_told_by_itself(report: MakeReport) -> None:
    both = {key: [*LIST[key], *BARE[key]] for key in ("parameters", "attributes")}  # type: ignore[misc]
    told = report({"loss": FALLING}, layers=network(), facts=[fact("unregistered", both)])
    assert len(found("frozen_parameters", told)) == 2


def test_what_moves_later_is_no_longer_told(report: MakeReport) -> None:
    facts = [fact("unregistered", LIST), fact("unregistered", NONE)]
    assert found("frozen_parameters", report({"loss": FALLING}, layers=network(), facts=facts)) == []


def test_a_second_model_has_its_name_before_its_attribute(report: MakeReport) -> None:
    second: Fact = {**fact("unregistered", LIST), "owner": "critic"}
    facts = [fact("unregistered", NONE), second]
    ((warning, _),) = found("frozen_parameters", report({"loss": FALLING}, layers=network(), facts=facts))
    assert "critic.hidden" in str(warning)


OPPOSITES = np.linspace(0.05, -0.9, STEPS)


def similarity(plus: int, minus: int = 0, looks: int = 8) -> Fact:
    return fact("loss_graph", {"form": "cosine_similarity", "looks": looks, "plus": plus, "minus": minus})


@pytest.mark.parametrize(
    ("told", "loss", "count"),
    [
        ([similarity(8)], OPPOSITES, 1),
        ([similarity(8)], OPPOSITES + 1, 0),
        ([similarity(8)], np.full(STEPS, -0.02), 0),
        ([similarity(0, 8)], OPPOSITES, 0),
        ([similarity(5, 0)], OPPOSITES, 0),
        ([similarity(2, looks=2)], OPPOSITES, 0),
        ([], OPPOSITES, 0),
    ],
    ids=["the similarity itself", "above 0", "no fall", "minus it", "now and then", "two looks", "not seen"],
)
def test_a_similarity_that_is_minimised_ends_at_opposites(
    report: MakeReport, told: list[Fact], loss: np.ndarray, count: int
) -> None:
    assert len(found("loss_sign", report({"loss": loss}, layers=network(), facts=told))) == count


def test_an_optimizer_that_maximises_a_similarity_wants_it(report: MakeReport) -> None:
    maximises = fact("optimizer", {"groups": [{"lr": 0.1, "maximize": True}]})
    told = report({"loss": OPPOSITES}, layers=network(), facts=[similarity(8), maximises])
    assert found("loss_sign", told) == []
