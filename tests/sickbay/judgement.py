"""What the diagnosis says of a recording, fed stretch by stretch as the server does."""

from dataclasses import dataclass, field

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.stretches import stretches
from trainvitals_wire.records import Warnings
from trainvitals_wire.report import Report


@dataclass(frozen=True)
class Judgement:
    """`step` is that of the first warning, `causes` are read down the page at the end, `alarms` maps rules to steps.

    `failures` are the rules that raised, which the server logs and passes over.
    """

    step: int | None
    causes: tuple[str, ...]
    alarms: dict[str, int] = field(default_factory=dict)
    advice: str = ""
    summary: str = ""
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def alarmed(self) -> bool:
        """Whether there was ever more than a note."""
        return self.step is not None


def judge(reports: list[Report]) -> Judgement:
    """Judge a training that came to its end, at the end of each stretch of steps.

    So nothing hangs on how this machine packed the reports.
    """
    alarms, failures = dict[str, int](), dict[str, str]()
    judging = Judge(on_error=lambda rule, error: failures.setdefault(rule, repr(error)))
    reached = 0
    for number, part in (found for report in reports for found in stretches(report)):
        if number > reached:
            _note(judging, alarms)
            reached = number
        judging.add(part)
    judging.end()
    _note(judging, alarms)
    found = judging.written()
    first = min(alarms.values(), default=None)
    return Judgement(first, _causes(found), alarms, *_lead(found), failures)


def _note(judging: Judge, alarms: dict[str, int]) -> None:
    """Write down what is more than a note now, each rule with the step at which it was first so."""
    for entry in judging.evaluate()["warnings"]:
        if entry["severity"] != "note":
            alarms.setdefault(entry["rule"], judging.signals.step)


def _causes(found: Warnings) -> tuple[str, ...]:
    """Every cause once, in the order in which a reader of the page meets it."""
    return tuple(dict.fromkeys(cause["cause"] for incident in found["incidents"] for cause in incident["causes"]))


def _lead(found: Warnings) -> tuple[str, str]:
    """Advice and summary of the first card."""
    if not found["incidents"]:
        return "", ""
    incident = found["incidents"][0]
    (lead,) = [entry for entry in found["warnings"] if entry["id"] == incident["warnings"][0]]
    return incident["remedy"], lead["summary"]
