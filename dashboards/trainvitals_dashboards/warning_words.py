"""Warnings in the fewest words, for tables, and which of them speak for a layer."""

from collections.abc import Iterable

from trainvitals_wire.records import SEVERITIES, Incident, WarningEntry, Warnings

WORDS = {
    "activation_std": "activation off band",
    "update_ratio": "update off band",
    "non_finite": "non-finite",
    "vanishing_gradient": "vanishing",
    "exploding_gradient": "exploding",
    "dead_units": "dead units",
    "saturated_units": "saturated",
    "frozen_parameters": "frozen",
    "no_progress": "no progress",
}


def words(rule: str) -> str:
    """What a rule found, in a word or two."""
    return WORDS.get(rule, rule.replace("_", " "))


def rank(severity: str) -> int:
    """0 for the worst."""
    order: tuple[str, ...] = SEVERITIES
    return len(order) - 1 - order.index(severity) if severity in order else len(order)


def worst_by_layer(warnings: Iterable[WarningEntry]) -> dict[str, WarningEntry]:
    """The warning that speaks for each layer: the worst that fires, the earliest of equals."""
    found: dict[str, WarningEntry] = {}
    for warning in sorted(warnings, key=lambda entry: (rank(entry["severity"]), entry["first_step"])):
        if warning["layer"] is not None and warning["state"] == "firing":
            found.setdefault(warning["layer"], warning)
    return found


def loud_incidents(found: Warnings) -> list[Incident]:
    """The incidents that ask for something now: firing, and more than a note; worst first, then by onset."""
    loud = [entry for entry in found["incidents"] if entry["state"] == "firing" and entry["severity"] != "note"]
    return sorted(loud, key=lambda entry: (rank(entry["severity"]), entry["first_step"]))


def calm_words(found: Warnings) -> str:
    """What a layer without a warning is called: healthy, unless all of the network is in a critical state."""
    critical = any(incident["severity"] == "critical" for incident in loud_incidents(found))
    return "no warning of its own" if critical else "healthy"
