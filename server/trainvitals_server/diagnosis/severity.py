"""The ladder note < warning < critical: a symptom alone is a note; worse needs harm, or a state wrong by definition."""

from typing import NamedTuple

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_wire.records import SEVERITIES, Severity

RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Gate(NamedTuple):
    """The worst that what the loss shows lets a symptom be, and one that by itself keeps layers from learning."""

    symptom: Severity
    blocking: Severity

    def severity(self, finding: Finding) -> Severity:
        """The severity that a finding deserves."""
        if finding.by_definition:
            return finding.worst
        return milder(finding.worst, self.blocking if finding.blocking else self.symptom)


OPEN = Gate("critical", "critical")
"""Holds nothing back."""


def gate_of(loss: Loss) -> Gate:
    """What the loss lets pass: without harm a symptom is a note."""
    harm = loss.harm
    if harm is None:
        return Gate("note", loss.stall.worst if loss.stall is not None else "note")
    # A training that learned until a value broke: what was there before had done no harm.
    worst: Severity = "note" if harm.kind == "non_finite" and loss.broke_suddenly else harm.worst
    return Gate(worst, worst)


def severity_of(finding: Finding, loss: Loss) -> Severity:
    """The severity that a finding deserves beside what the loss shows."""
    return gate_of(loss).severity(finding)


def milder(one: Severity, other: Severity) -> Severity:
    """The milder of two severities."""
    return one if RANKS[one] <= RANKS[other] else other


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two severities."""
    return one if RANKS[one] >= RANKS[other] else other
