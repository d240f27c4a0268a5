"""Series put together from their chunks and frames, inside a window and at the level of the pyramid that suffices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from trainvitals_server.storage import chunks, pyramid
from trainvitals_server.storage.chunks import ListedChunk, Name, Steps
from trainvitals_server.storage.placement import place
from trainvitals_server.storage.pyramid import BUCKET, LEVELS, NAMES, Buckets
from trainvitals_server.storage.series_values import EMPTY, Joining, SeriesValues
from trainvitals_server.tables import Chunk

RUNS_NAMED_MAX = 200
"""Runs in one question: SQLite refuses an expression that is nested more than 1,000 deep."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One series of a run: the version of its chunks, and what came since."""

    run_id: str
    series_id: int
    version: int
    hot: SeriesValues = EMPTY


@dataclass(slots=True)
class Found:
    """A series inside a window: chunks that lie in it whole, and points of all others."""

    whole: list[ListedChunk] = field(default_factory=list)
    points: list[SeriesValues] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many steps the window has."""
        return sum(chunk.size for chunk in self.whole) + sum(len(part.steps) for part in self.points)


class Cold:
    """Several series, of one or several runs, inside a window; a handful of questions to the database in all."""

    def __init__(self, connection: Connection, wanted: Sequence[Wanted], window: Steps) -> None:
        self._connection = connection
        self._wanted = [replace(one, hot=one.hot.window(*window)) for one in wanted]
        self._window = window
        self.found = self._find(self._wanted)

    def _find(self, wanted: Sequence[Wanted]) -> list[Found]:
        listed = self._listed(wanted)
        cut = [self._cut(one, of_series) for one, of_series in zip(wanted, listed, strict=True)]
        points = self._points(chunk for of_series in cut for chunk in of_series.values())
        return [
            _found(one.hot, of_series, which, points) for one, of_series, which in zip(wanted, listed, cut, strict=True)
        ]

    def _listed(self, wanted: Sequence[Wanted]) -> list[list[ListedChunk]]:
        found: dict[tuple[str, int], list[ListedChunk]] = {}
        for runs in _by_run(wanted):
            for chunk in chunks.listed(self._connection, chunks.of_series(runs, self._window)):
                found.setdefault((chunk.run_id, chunk.series_id), []).append(chunk)
        return [found.get((one.run_id, one.series_id), []) for one in wanted]

    def _cut(self, one: Wanted, listed: list[ListedChunk]) -> dict[int, ListedChunk]:
        """The chunks, by their place, of which points are needed: the window cuts them, or newer points touch them."""
        first_step, last_step = self._window
        found = {
            number: chunk
            for number, chunk in enumerate(listed)
            if chunk.first_step < first_step or chunk.last_step > last_step
        }
        if len(one.hot.steps):
            spans = [(chunk.first_step, chunk.last_step) for chunk in listed]
            touched = [placed.chunk for placed in place(spans, one.hot.steps) if placed.chunk is not None]
            found |= {number: listed[number] for number in touched}
        return found

    def _points(self, wanted: Iterable[ListedChunk]) -> dict[Name, SeriesValues]:
        some = list(wanted)
        return chunks.points(self._connection, some, self._window) if some else {}

    def values(self, chosen: Sequence[int] | None = None) -> list[SeriesValues]:
        """Every point of the chosen series, or of all."""
        some = self.found if chosen is None else [self.found[number] for number in chosen]
        points = self._points(chunk for found in some for chunk in found.whole)
        join = Joining()
        return [
            _in_order([*found.points, *(points[chunks.name_of(chunk)] for chunk in found.whole)], join)
            for found in some
        ]

    def buckets(self, widths: Sequence[int]) -> list[list[Buckets]]:
        """Each series in buckets of at most so many points, which is the width of a level; none where it is 1.

        The buckets of a series come in parts, by ascending step.
        """
        levels = self._levels(widths)
        answer: list[list[Buckets]] = []
        for found, width in zip(self.found, widths, strict=True):
            if width == 1:
                answer.append([])
                continue
            parts = [_bucketed(part, width) for part in found.points if len(part.steps)]
            parts += [
                np.frombuffer(levels.get((chunks.name_of(chunk), width), chunk.summary), BUCKET)
                for chunk in found.whole
            ]
            parts.sort(key=lambda part: int(part["step"][0]))
            answer.append(parts)
        return answer

    def _levels(self, widths: Sequence[int]) -> dict[tuple[Name, int], bytes]:
        answer: dict[tuple[Name, int], bytes] = {}
        for level, width in zip(NAMES, LEVELS, strict=True):
            for runs in _by_run(one for one, own in zip(self._wanted, widths, strict=True) if own == width):
                query = select(*chunks.KEY, getattr(Chunk, level).label("buckets"))
                which = chunks.of_series(runs, self._window), Chunk.size > width
                rows = self._connection.execute(query.where(*which))
                answer |= {((run_id, *name), width): packed for run_id, *name, packed in rows}
        return answer


def _by_run(wanted: Iterable[Wanted]) -> list[dict[tuple[str, int], list[int]]]:
    """The series of each run and version, so many runs together as one question may name."""
    runs: dict[tuple[str, int], list[int]] = {}
    for one in wanted:
        if one.version:
            runs.setdefault((one.run_id, one.version), []).append(one.series_id)
    named = list(runs.items())
    return [dict(named[first : first + RUNS_NAMED_MAX]) for first in range(0, len(named), RUNS_NAMED_MAX)]


def _found(
    hot: SeriesValues, listed: list[ListedChunk], cut: Mapping[int, ListedChunk], points: Mapping[Name, SeriesValues]
) -> Found:
    found = Found([chunk for number, chunk in enumerate(listed) if number not in cut])
    touched = {number: points[chunks.name_of(chunk)] for number, chunk in cut.items()}
    for placed in place([(chunk.first_step, chunk.last_step) for chunk in listed], hot.steps):
        part = hot.part(placed.first, placed.end)
        if placed.chunk is None:
            found.points.append(part)
        else:
            touched[placed.chunk] = part.after(touched[placed.chunk])
    found.points += touched.values()
    return found


def _in_order(parts: list[SeriesValues], join: Joining) -> SeriesValues:
    some = [part for part in parts if len(part.steps)]
    return join(sorted(some, key=lambda part: int(part.steps[0])))


def _bucketed(part: SeriesValues, width: int) -> Buckets:
    starts = pyramid.starts_of_level(len(part.steps), width)
    found: Any = pyramid.buckets_of(part.steps, part.times, part.values[None], starts)
    return found[0]  # type: ignore[no-any-return]
