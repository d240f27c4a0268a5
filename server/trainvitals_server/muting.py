"""What a mute does to the warnings of a run: they stay listed, with the reason, and neither count nor speak."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from trainvitals_wire.records import (
    SEVERITIES,
    Incident,
    MuteReason,
    RuleEntry,
    WarningCounts,
    WarningEntry,
    Warnings,
)


@dataclass(frozen=True, slots=True)
class Muting:
    """A mute, of the API or of the rules file; the latter has no id.

    `layers` are shell patterns on layer names; a warning about no layer is fitted by `*` alone.
    """

    rule: str
    layers: tuple[str, ...]
    reason: str
    id: str | None = None


def muted(found: Warnings, mutes: Sequence[Muting]) -> Warnings:
    """The same with each firing warning that a mute fits in the state "muted".

    An incident all of whose firing warnings are muted is muted. Of one that fires on, a warning that fires is first.
    """
    if not mutes:
        return found
    warnings = [_muted(entry, mutes) for entry in found["warnings"]]
    by_id = {entry["id"]: entry for entry in warnings}
    told: Warnings = {"warnings": warnings, "incidents": [_incident(entry, by_id) for entry in found["incidents"]]}
    if "rules" in found:
        told["rules"] = [_rule(entry, warnings) for entry in found["rules"]]
    return told


def counts(found: Warnings) -> WarningCounts:
    """How many warnings of each severity fire."""
    firing = [entry["severity"] for entry in found["warnings"] if entry["state"] == "firing"]
    critical, warning, note = (firing.count(severity) for severity in reversed(SEVERITIES))
    return {"critical": critical, "warning": warning, "note": note}


def _muted(entry: WarningEntry, mutes: Sequence[Muting]) -> WarningEntry:
    if entry["state"] != "firing":
        return entry
    mute = next((mute for mute in mutes if _fits(mute, entry)), None)
    if mute is None:
        return entry
    reason: MuteReason = {"id": mute.id, "reason": mute.reason}
    return {**entry, "state": "muted", "mute": reason}


def _fits(mute: Muting, entry: WarningEntry) -> bool:
    return mute.rule == entry["rule"] and any(fnmatchcase(entry["layer"] or "", pattern) for pattern in mute.layers)


def _incident(entry: Incident, by_id: dict[str, WarningEntry]) -> Incident:
    states = {identity: by_id[identity]["state"] for identity in entry["warnings"] if identity in by_id}
    if entry["state"] != "firing" or "muted" not in states.values():
        return entry
    if "firing" not in states.values():
        return {**entry, "state": "muted"}
    return {**entry, "warnings": sorted(entry["warnings"], key=lambda identity: states.get(identity) != "firing")}


def _rule(entry: RuleEntry, warnings: Sequence[WarningEntry]) -> RuleEntry:
    states = [warning["state"] for warning in warnings if warning["rule"] == entry["rule"]]
    silent = states.count("muted")
    if entry["state"] != "firing" or "firing" in states or not silent:
        return entry
    return {**entry, "state": "muted", "why": "1 warning is muted" if silent == 1 else f"{silent} warnings are muted"}
