"""What of a verdict is news to a reader: which warnings and incidents there are, not how far their numbers moved."""

from collections.abc import Hashable

from trainvitals_wire.records import CauseEntry, WarningEntry, Warnings

Place = tuple[str, str | None, str | None, str]
"""Rule, layer, series and severity: what makes a warning known also after its run was judged anew."""


def outline(found: Warnings) -> Hashable:
    """Equal for two verdicts that differ only in measured values and in the step they were last seen at."""
    warnings = [
        (e["id"], e["severity"], e["state"], e["first_step"], e["incident"], _names(e["causes"]))
        for e in found["warnings"]
    ]
    incidents = [
        (e["id"], e["severity"], e["state"], e["first_step"], e["layer"], _names(e["causes"]), tuple(e["warnings"]))
        for e in found["incidents"]
    ]
    rules = tuple((entry["rule"], entry["state"]) for entry in found.get("rules", ()))
    return tuple(warnings), tuple(incidents), rules


def place(entry: WarningEntry) -> Place:
    """The place of a warning."""
    return entry["rule"], entry["layer"], entry["series"], entry["severity"]


def spoken(found: Warnings) -> list[WarningEntry]:
    """The firing warnings that are told on their own: notes, and the one that speaks for each incident."""
    leads = {incident["warnings"][0] for incident in found["incidents"]}
    return [
        entry
        for entry in found["warnings"]
        if entry["state"] == "firing" and (entry["incident"] is None or entry["id"] in leads)
    ]


def _names(causes: list[CauseEntry]) -> tuple[str, ...]:
    return tuple(cause["cause"] for cause in causes)
