"""The ladder note < warning < critical: a symptom alone is a note; worse needs harm, or a state wrong by definition."""

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_wire.records import SEVERITIES, Severity

RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def severity_of(finding: Finding, loss: Loss) -> Severity:
    """The severity that a finding deserves beside what the loss shows."""
    if finding.by_definition:
        return finding.worst
    harm = loss.harm or (loss.stall if finding.blocking else None)
    # A training that learned until a value broke: what was there before had done no harm.
    if harm is None or (harm.kind == "non_finite" and loss.broke_suddenly):
        return "note"
    return milder(finding.worst, harm.worst)


def milder(one: Severity, other: Severity) -> Severity:
    """The milder of two severities."""
    return one if RANKS[one] <= RANKS[other] else other


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two severities."""
    return one if RANKS[one] >= RANKS[other] else other
