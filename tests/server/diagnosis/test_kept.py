"""Findings that stand: judged by what changed, and read anew when they are written."""

import numpy as np

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.records import WarningEntry

from .conftest import MakeReport, linear

LAYERS = [linear(f"fc{i}", i) for i in range(4)]


def stds(steps: int, **of: float) -> dict[str, np.ndarray]:
    """The loss falls; each layer has the std given, else 1."""
    series = {f"activation_std/{layer['name']}": np.full(steps, of.get(layer["name"], 1.0)) for layer in LAYERS}
    return {"loss": 2.3 * np.exp(-np.arange(steps) / 40), **series}


def only(judge: Judge) -> WarningEntry:
    (warning,) = judge.written()["warnings"]
    return warning


def test_a_warning_that_stands_is_no_change_and_reads_with_its_latest_numbers(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report(stds(20, fc1=3.0), layers=LAYERS))
    assert judge.look()
    first = only(judge)
    judge.add(report(stds(20, fc1=3.5), first_step=20))
    assert not judge.look()
    later = only(judge)
    assert (later["value"], later["last_step"]) == (3.5, 39)
    assert later["summary"] == first["summary"].replace("3 ", "3.5 ")
    assert (later["id"], later["first_step"]) == (first["id"], first["first_step"])


def test_what_was_written_does_not_move_afterwards(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report(stds(20, fc1=3.0), layers=LAYERS))
    found = judge.evaluate()["warnings"]
    judge.add(report(stds(20, fc1=3.5), first_step=20))
    judge.evaluate()
    assert (found[0]["value"], found[0]["last_step"]) == (3.0, 19)


def test_another_layer_is_a_change(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report(stds(20, fc1=3.0), layers=LAYERS))
    judge.evaluate()
    judge.add(report(stds(20, fc1=3.0, fc2=3.0), first_step=20))
    assert judge.look()
    assert {warning["layer"] for warning in judge.written()["warnings"]} == {"fc1", "fc2"}


def test_what_is_gone_keeps_the_numbers_it_was_seen_with(report: MakeReport) -> None:
    judge = Judge()
    judge.add(report(stds(20, fc1=3.0), layers=LAYERS))
    judge.evaluate()
    judge.add(report(stds(20), first_step=20))
    judge.look()
    gone = only(judge)
    assert (gone["state"], gone["value"], gone["last_step"]) == ("firing", 3.0, 19)
    judge.add(report(stds(60), first_step=40))
    assert judge.look()
    assert only(judge)["state"] == "resolved"


def test_an_episode_that_is_over_is_listed_once_however_often_it_is_judged(report: MakeReport) -> None:
    judge, at = Judge(), 0
    for std, steps in ((3.0, 20), (1.0, 100), (3.0, 20), (3.0, 20), (3.0, 20)):
        judge.add(report(stds(steps, fc1=std), first_step=at, layers=None if at else LAYERS))
        judge.evaluate()
        at += steps
    told = [w["state"] for w in judge.written()["warnings"] if w["rule"] == "activation_std"]
    assert told == ["resolved", "firing"]


def test_severity_follows_the_loss_though_the_finding_stands(report: MakeReport) -> None:
    judge, steps = Judge(), np.arange(400)
    far = {key: values for key, values in stds(400, fc1=30.0).items() if key != "loss"}
    judge.add(report({"loss": 2.3 * np.exp(-steps / 200), **far}, layers=LAYERS))
    judge.look()
    before = {w["severity"] for w in judge.written()["warnings"] if w["rule"] == "activation_std"}
    judge.add(report({"loss": np.full(400, 50.0), **far}, first_step=400))
    assert judge.look()
    after = {w["severity"] for w in judge.written()["warnings"] if w["rule"] == "activation_std"}
    assert (before, after) == ({"note"}, {"critical"})


def test_an_onset_stays_though_only_the_last_samples_are_looked_at(report: MakeReport) -> None:
    judge = Judge()
    for number in range(8):
        ratio = {f"update_ratio/{layer['name']}.weight": np.full(100, 0.05) for layer in LAYERS}
        judge.add(report({"loss": np.full(100, 2.3), **ratio}, first_step=100 * number, layers=LAYERS))
        judge.look()
    told = [w for w in judge.written()["warnings"] if w["rule"] == "update_ratio"]
    assert {warning["first_step"] for warning in told} == {91}
    assert all("since step 91" in warning["summary"] for warning in told)


def test_the_measured_number_of_a_learning_rate_is_the_one_in_its_words(report: MakeReport) -> None:
    judge, at = Judge(), np.arange(200)
    jolted = {f"update_ratio/{layer['name']}.weight": np.where(at == 1, 740.0, 0.027) for layer in LAYERS}
    judge.add(report({"loss": np.where(at < 2, 2.3, 9.0), **jolted}, layers=LAYERS))
    (warning,) = (w for w in judge.evaluate()["warnings"] if w["rule"] == "learning_rate")
    assert warning["value"] == 740.0
    assert "by 7.4e+02 times their size" in warning["summary"]
    assert warning["threshold"] == "first updates below 0.3 of the weights"
