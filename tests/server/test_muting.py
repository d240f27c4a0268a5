"""What a mute does to the warnings of a run."""

from typing import Any

from trainvitals_server.muting import Muting, counts, muted
from trainvitals_wire.records import Warnings


def entry(identity: str, rule: str, layer: str | None = None, state: str = "firing", incident: str = "i") -> Any:
    return {
        "id": identity,
        "rule": rule,
        "layer": layer,
        "severity": "warning",
        "state": state,
        "incident": incident,
    }


def found(*warnings: Any) -> Warnings:
    ids = [warning["id"] for warning in warnings]
    incident: Any = {"id": "i", "state": "firing", "severity": "warning", "warnings": ids}
    rules: Any = [{"rule": "dead_units", "state": "firing", "why": "2 warnings"}]
    return {"warnings": list(warnings), "incidents": [incident], "rules": rules}


def mute(rule: str, *layers: str) -> Muting:
    return Muting(rule, layers, "pruned on purpose", "m")


DEAD = found(entry("a", "dead_units", "blocks.0"), entry("b", "dead_units", "blocks.1"))


def test_a_muted_warning_stays_listed_with_its_reason_and_does_not_count() -> None:
    told = muted(DEAD, [mute("dead_units", "blocks.0")])
    assert [warning["state"] for warning in told["warnings"]] == ["muted", "firing"]
    assert told["warnings"][0]["mute"] == {"id": "m", "reason": "pruned on purpose"}
    assert counts(told) == {"critical": 0, "warning": 1, "note": 0}
    assert DEAD["warnings"][0]["state"] == "firing"


def test_of_an_incident_that_fires_on_a_warning_that_fires_is_first() -> None:
    (incident,) = muted(DEAD, [mute("dead_units", "blocks.0")])["incidents"]
    assert (incident["state"], incident["warnings"]) == ("firing", ["b", "a"])


def test_an_incident_and_a_rule_without_anything_that_fires_are_muted() -> None:
    told = muted(DEAD, [mute("dead_units", "blocks.*")])
    assert told["incidents"][0]["state"] == "muted"
    assert told["rules"] == [{"rule": "dead_units", "state": "muted", "why": "2 warnings are muted"}]


def test_a_mute_leaves_other_rules_other_layers_and_what_is_over_alone() -> None:
    over = found(entry("a", "dead_units", "blocks.0", "resolved"))
    assert muted(over, [mute("dead_units", "*")])["warnings"][0]["state"] == "resolved"
    for other in (mute("activation_std", "*"), mute("dead_units", "head*")):
        assert muted(DEAD, [other]) == DEAD


def test_only_a_star_fits_a_warning_about_the_run() -> None:
    run = found(entry("a", "no_progress"))
    assert muted(run, [mute("no_progress", "*")])["warnings"][0]["state"] == "muted"
    assert muted(run, [mute("no_progress", "blocks.*")])["warnings"][0]["state"] == "firing"
