"""The figures that the sick bay reaches for, from the results of its cases."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from .bay import Result
from .case import Case, twin_of
from .fault import load_faults
from .judgement import Judgement
from .program import PROGRAM, fault_of
from .remedy import understood

Say = Callable[[Result], Judgement]
"""Whose judgement counts: that of the diagnosis, or of the naive rules."""
HEALED_SHARE = 0.5
"""A remedy heals when it closes so much of the gap between the sick score and the twin's."""
HARM_MIN = 0.05
"""A gap smaller than this cannot show whether a remedy heals."""
REPEATED = re.compile(r"\bagain until\b")
"""Advice to be followed until something is reached: it is given again by the next card."""
ROUNDS_MAX = 5
"""Times that such advice is followed at most."""


@dataclass(frozen=True)
class Found:
    """How often a fault, or several, were found, out of `trainings`."""

    trainings: int
    alarmed: int
    first: int
    within_two: int
    named: int
    steps: tuple[int, ...]

    @classmethod
    def of(cls, results: Iterable[Result], say: Say) -> "Found":
        """Count what is said of sick trainings."""
        sick = list(results)
        right = [_place(result, say) for result in sick]
        return cls(
            trainings=len(sick),
            alarmed=sum(say(result).alarmed for result in sick),
            first=sum(place == 0 for place in right),
            within_two=sum(place is not None and place < 2 for place in right),
            named=sum(place is not None for place in right),
            steps=tuple(delay for result in sick if (delay := _delay(result, say)) is not None),
        )

    @property
    def median_steps(self) -> float | None:
        """From the onset to the warning."""
        return median(self.steps) if self.steps else None

    def entry(self) -> dict[str, Any]:
        """For JSON."""
        counted = {"trainings": self.trainings, "alarmed": self.alarmed, "first": self.first}
        return {**counted, "within_two": self.within_two, "named": self.named, "median_steps": self.median_steps}


def _place(result: Result, say: Say) -> int | None:
    """At which place of the page the right cause stands."""
    right = fault_of(result.case.name).causes
    return next((place for place, cause in enumerate(say(result).causes) if cause in right), None)


def _delay(result: Result, say: Say) -> int | None:
    step = say(result).step
    return None if step is None else max(0, step - fault_of(result.case.name).onset)


@dataclass(frozen=True)
class Healing:
    """What became of the first remedy of each card that names the right cause."""

    applied: int
    healed: int

    @classmethod
    def of(cls, sick: Sequence[Result], every: dict[Case, Result]) -> "Healing":
        """Only where the fault does harm that a score shows, and a program can do what the card says."""
        outcomes = [found for result in sick if (found := heals(result, every)) is not None]
        return cls(len(outcomes), sum(outcomes))


def remedied(sick: Result, every: Mapping[Case, Result] | None = None) -> Case | None:
    """The training after the first remedy of the card, None where no program can do what it says.

    Advice to be repeated is followed as often as the card of the training so far, in `every`, gives it again.
    """
    if sick.case.trained == PROGRAM:
        return None
    fault, advice = load_faults()[sick.case.name], sick.judged.advice
    if advice and fault.remedy and re.search(fault.remedy, advice):
        return twin_of(sick.case)
    if not advice or not understood(advice):
        return None
    case = Case("remedied", sick.case.name, sick.case.trained, sick.case.seed, advice)
    for _ in range(ROUNDS_MAX - 1):
        after = (every or {}).get(case)
        if not REPEATED.search(advice) or after is None or not understood(after.judged.advice):
            break
        advice = after.judged.advice
        case = replace(case, advice=f"{case.advice}\n{advice}")
    return case


def heals(sick: Result, every: dict[Case, Result]) -> bool | None:
    """Whether the remedy closes half of the gap to the twin; None where that cannot be told."""
    case, twin = remedied(sick, every), every.get(twin_of(sick.case))
    after = every.get(case) if case else None
    if after is None or twin is None or twin.course.score - sick.course.score < HARM_MIN:
        return None
    gap = twin.course.score - sick.course.score
    return after.course.score - sick.course.score >= HEALED_SHARE * gap


def false_alarms(results: Iterable[Result], say: Say) -> list[Result]:
    """The healthy trainings of which more than a note was said."""
    return [result for result in results if say(result).alarmed]
