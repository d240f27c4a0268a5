"""What the diagnosis says of a recording, fed piece by piece as the server does."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from trainvitals_server.diagnosis import Judge
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Fact, Warnings
from trainvitals_wire.report import Report

STEPS_A_PIECE = 10
"""So that nothing hangs on how many steps this machine makes in the 0.1 s of a report."""


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
    """Judge reports with an evaluation each few steps."""
    alarms, failures = dict[str, int](), dict[str, str]()
    judging = Judge(on_error=lambda rule, error: failures.setdefault(rule, repr(error)))
    for report in reports:
        for piece in pieces(report):
            judging.add(piece)
            for entry in judging.evaluate()["warnings"]:
                if entry["severity"] != "note":
                    alarms.setdefault(entry["rule"], judging.signals.step)
    found = judging.evaluate()
    first = min(alarms.values(), default=None)
    return Judgement(first, _causes(found), alarms, *_lead(found), failures)


def pieces(report: Report) -> Iterator[Report]:
    """A report in stretches of a few steps; a fact comes with the stretch of its step."""
    steps = [step for frame in report.frames for step in (int(frame.steps.min()), int(frame.steps.max()))]
    first, last = min(steps, default=0), max(steps, default=0)
    facts = sorted(report.facts, key=lambda fact: fact["step"])
    yield replace(report, frames=(), facts=())
    for start in range(first, last + 1, STEPS_A_PIECE):
        end = start + STEPS_A_PIECE if start + STEPS_A_PIECE <= last else last + 1
        due = _due(facts, end if end <= last else None)
        yield replace(report, frames=tuple(_cut(report.frames, start, end)), layers=None, facts=due, histograms=())


def _due(facts: list[Fact], end: int | None) -> tuple[Fact, ...]:
    """Takes the facts off the list that are seen before a step; all where it is None."""
    due = tuple(fact for fact in facts if end is None or fact["step"] < end)
    facts[:] = facts[len(due) :]
    return due


def _cut(frames: tuple[Frame, ...], start: int, end: int) -> Iterator[Frame]:
    for frame in frames:
        rows = (frame.steps >= start) & (frame.steps < end)
        if rows.any():
            yield Frame(frame.keys, frame.steps[rows], frame.times[rows], frame.values[rows])


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
