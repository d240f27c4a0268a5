"""What the terminal says of warnings: one line an incident, again only when it becomes critical."""

from typing import Any, cast

from trainvitals.incidents import Incidents
from trainvitals_wire.records import WarningEntry


def warning(severity: str, incident: str | None = "i1", **fields: Any) -> WarningEntry:
    entry = {
        "id": f"{incident} {fields}",
        "rule": "activation_std",
        "severity": severity,
        "incident": incident,
        "first_step": 640,
        "summary": "Activation std 3.1 is above 2.0",
        "causes": [{"cause": "learning_rate_too_high", "why": "..."}, {"cause": "dead_units", "why": "..."}],
        "remedy": "Divide the learning rate by 3.",
        **fields,
    }
    return cast(WarningEntry, entry)


LINE = "at step 640: Learning rate too high. Activation std 3.1 is above 2.0. Divide the learning rate by 3."


def test_an_incident_is_said_once_however_many_warnings_it_has() -> None:
    incidents = Incidents()
    assert list(incidents.news([warning("warning", layer=layer) for layer in "abc"])) == [f"WARNING {LINE}"]
    assert list(incidents.news([warning("warning", layer="d")])) == []
    assert (len(incidents), incidents.critical) == (1, 0)


def test_an_incident_is_said_again_when_it_becomes_critical_and_never_after() -> None:
    incidents = Incidents()
    list(incidents.news([warning("warning")]))
    assert list(incidents.news([warning("critical")])) == [f"CRITICAL {LINE}"]
    assert list(incidents.news([warning("critical"), warning("warning")])) == []
    assert (len(incidents), incidents.critical) == (1, 1)


def test_the_worst_warning_of_an_answer_speaks_for_its_incident() -> None:
    assert list(Incidents().news([warning("warning"), warning("critical")])) == [f"CRITICAL {LINE}"]


def test_notes_are_never_said_and_do_not_hide_a_warning() -> None:
    incidents = Incidents()
    assert list(incidents.news([warning("note")])) == []
    assert len(list(incidents.news([warning("warning")]))) == 1


def test_what_is_over_or_muted_is_no_news_until_it_fires_again() -> None:
    incidents = Incidents()
    assert list(incidents.news([warning("critical", state="resolved"), warning("warning", "i2", state="muted")])) == []
    assert (len(incidents), incidents.critical) == (0, 0)
    assert len(list(incidents.news([warning("warning", state="firing"), warning("warning", state="resolved")]))) == 1


def test_warnings_without_an_incident_stand_for_themselves() -> None:
    said = list(Incidents().news([warning("warning", None, layer=layer) for layer in ("a", "b", "b")]))
    assert len(said) == 2


def test_a_sparse_warning_is_said_all_the_same() -> None:
    assert list(Incidents().news([cast(WarningEntry, {"rule": "odd"})])) == ["WARNING: odd."]
