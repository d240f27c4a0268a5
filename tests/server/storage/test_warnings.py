"""Warnings, incidents and alerts."""

import json
from typing import Any

from report_sender import Sender
from still_clock import Clock

from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store


def entry(identity: str, severity: str, first_step: int, state: str = "firing") -> Any:
    return {"id": identity, "severity": severity, "state": state, "first_step": first_step, "value": float("nan")}


def test_warnings_come_worst_first_then_by_onset_and_are_counted(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    warnings = [
        entry("a", "note", 1),
        entry("b", "critical", 9),
        entry("c", "critical", 2),
        entry("d", "warning", 0, "resolved"),
        entry("e", "note", 1),
    ]
    store.replace_warnings(sender.run_id, {"warnings": warnings, "incidents": [warnings[0], warnings[1]]})
    found = reader.warnings(sender.run_id)
    assert [warning["id"] for warning in found["warnings"]] == ["c", "b", "d", "a", "e"]
    assert [incident["id"] for incident in found["incidents"]] == ["b", "a"]
    assert reader.run(sender.run_id)["warnings"] == {"critical": 2, "warning": 0, "note": 2}
    json.dumps(found, allow_nan=False)


def test_new_warnings_replace_the_former(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    store.replace_warnings(sender.run_id, {"warnings": [entry("a", "note", 1)], "incidents": []})
    store.replace_warnings(sender.run_id, {"warnings": [], "incidents": []})
    assert reader.warnings(sender.run_id) == {"warnings": [], "incidents": []}
    assert reader.run(sender.run_id)["warnings"] == {"critical": 0, "warning": 0, "note": 0}


def test_alerts_are_kept_in_order(store: Store, clock: Clock) -> None:
    sender = Sender(store)
    first = store.add_alert(sender.run_id, "one\x00", "text", "warn", 7)
    clock.now += 1
    second = store.add_alert(sender.run_id, "two")
    assert store.alerts(sender.run_id) == [{**first, "title": "one\ufffd"}, second]
    assert (second["level"], second["step"], second["created_at"]) == ("info", None, clock.now)
