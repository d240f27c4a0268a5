"""What a reader sees: an incident as one card, and its warnings in the words of the contract."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trainvitals_server.diagnosis.causes import story
from trainvitals_server.diagnosis.finding import Cause
from trainvitals_server.diagnosis.incidents import Group, follows, leader, severity
from trainvitals_server.diagnosis.life import LivingWarning
from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.causes import CAUSES
from trainvitals_wire.records import CauseEntry, Incident, Severity, WarningEntry


@dataclass(frozen=True, slots=True)
class Card:
    """An incident and the warning that speaks for it, which bears the incident's severity and comes first in it."""

    incident: Group
    lead: LivingWarning
    severity: Severity

    @classmethod
    def of(cls, incident: Group, network: Network) -> "Card":
        """The card of an incident."""
        return cls(incident, leader(incident, network), severity(incident))

    @property
    def title(self) -> str:
        """The root cause in words."""
        return CAUSES[self.incident.causes[0].cause] if self.incident.causes else self.lead.finding.summary

    def entry(self) -> Incident:
        """The incident in the shape of the contract."""
        others = [warning.id for warning in self.incident.warnings if warning is not self.lead]
        firing = any(warning.state == "firing" for warning in self.incident.warnings)
        return {
            "id": self.incident.id,
            "severity": self.severity,
            "state": "firing" if firing else "resolved",
            "title": self.title,
            "first_step": self.incident.first_step,
            "layer": self.lead.finding.layer,
            "causes": _causes(self.incident.causes),
            "remedy": self.lead.finding.remedy,
            "warnings": [self.lead.id, *others],
        }


def warning_entry(warning: LivingWarning, source: str, card: Card | None) -> WarningEntry:
    """A warning in the shape of the contract; `card` is that of its incident, None for a note.

    One that only shows what the incident's root brought about says so, and gives the root's remedy.
    """
    finding = warning.finding
    value = finding.value if finding.value is not None and math.isfinite(finding.value) else None
    consequence = card is not None and follows(warning, card.lead, card.incident)
    advice = card.lead.finding if card is not None and consequence else finding
    return {
        "id": warning.id,
        "rule": warning.found.rule,
        "severity": card.severity if card is not None and warning is card.lead else warning.severity,
        "state": "resolved" if warning.state == "resolved" else "firing",
        "layer": finding.layer,
        "series": finding.series,
        "first_step": warning.first_step,
        "last_step": finding.last_step,
        "value": value,
        "threshold": finding.threshold,
        "summary": finding.summary,
        "causes": _causes(_with_root(finding.causes, card)),
        "remedy": f"Follows from: {card.title}. {advice.remedy}" if card and consequence else advice.remedy,
        "expect": advice.expect,
        "source": source,
        "incident": card.incident.id if card is not None else None,
    }


def _with_root(causes: Sequence[Cause], card: Card | None) -> Sequence[Cause]:
    """A warning's own causes as far as the incident tells them, its root before them."""
    if card is None:
        return story(causes)
    return story([*card.incident.causes[:1], *(cause for cause in causes if cause.cause in card.incident.told)])


def _causes(causes: Sequence[Cause]) -> list[CauseEntry]:
    return [{"cause": cause.cause, "why": cause.why} for cause in causes]
