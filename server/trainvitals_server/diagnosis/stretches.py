"""Cuts a report where a run is judged on the way: what is found must not hang on how a sender packs its steps."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trainvitals_server.storage.bounds import BOUNDS
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import Fact
from trainvitals_wire.report import Report


def stretches(report: Report) -> Iterator[tuple[int, Report]]:
    """A report in parts, each with the number of the stretch of the run that its steps lie in.

    A fact comes with the part of its step. The parts together are the report; mostly there is one.
    """
    found = [np.searchsorted(BOUNDS, frame.steps, "right") for frame in report.frames]
    numbers = sorted({int(number) for frame in found for number in {frame.min(), frame.max()}}) if found else [0]
    if len(numbers) > 1:
        numbers = np.unique(np.concatenate(found)).tolist()
    if len(numbers) == 1:
        yield numbers[0], report
        return
    facts = _facts(report.facts, numbers)
    for number in numbers:
        first, last = number == numbers[0], number == numbers[-1]
        frames = tuple(_cut(frame, at == number) for frame, at in zip(report.frames, found, strict=True))
        yield (
            number,
            replace(
                report,
                frames=tuple(frame for frame in frames if len(frame.steps)),
                layers=report.layers if first else None,
                facts=facts[number],
                histograms=report.histograms if last else (),
            ),
        )


def length(number: int) -> int:
    """How many steps a stretch has; 0 before the first."""
    return int(BOUNDS[number] - BOUNDS[number - 1]) if 0 < number < len(BOUNDS) else 0


def _cut(frame: Frame, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Frame:
    return Frame(frame.keys, frame.steps[chosen], frame.times[chosen], frame.values[chosen])


def _facts(facts: tuple[Fact, ...], numbers: list[int]) -> dict[int, tuple[Fact, ...]]:
    """What was seen in a stretch of which there are no numbers comes with the next one, or the last."""
    due: dict[int, list[Fact]] = {number: [] for number in numbers}
    for fact in facts:
        at = int(np.searchsorted(BOUNDS, fact["step"], "right"))
        due[next((number for number in numbers if number >= at), numbers[-1])].append(fact)
    return {number: tuple(told) for number, told in due.items()}
