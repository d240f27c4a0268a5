"""One pass over a run: the frames that came since the last become chunks.

Chunks are written under a version that nobody reads yet, in transactions short enough for ingest to pass between them;
one more transaction shows all of them at once and drops the frames from sight. A pass that broke off leaves rows that
nobody sees; the next sweeps them away.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, delete, func, select, update

from trainvitals_server.storage import chunks, replay, stretch, sweeping
from trainvitals_server.storage.blocks import Blocks
from trainvitals_server.storage.chunks import ListedChunk
from trainvitals_server.storage.claim import Claim
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.placement import place
from trainvitals_server.storage.snapshot import reading
from trainvitals_server.storage.stretch import Stretch
from trainvitals_server.storage.totals import grown, packed
from trainvitals_server.tables import Axis, Chunk, Compaction, Frame, Run, Series
from trainvitals_wire.limits import STEP_MAX
from trainvitals_wire.names import kind_of

PASS_BYTES_MAX = 24 * 2**20
"""Decoded frames of one pass: what it holds in memory, a few times over."""

SLICE_BYTES_MAX = 2**19
"""Numbers written in one transaction: some 10 ms."""

ROWS_DELETED = 64
"""Frames or chunks deleted in one transaction."""

Breathe = Callable[[], None]
"""Called between transactions; may wait, or raise to break off."""


def compact(
    engine: Engine, run_id: str, *, keep_reports: int = 0, until: int | None = None, breathe: Breathe = lambda: None
) -> int:
    """Compact the frames of a run but those of its last `keep_reports`; returns how many frames became chunks.

    With `until` those of later reports are left as well. One pass takes frames of some 24 MiB: call again until it
    returns 0. Raises Superseded where the run was deleted or another pass began on it.
    """
    with reading(engine).connect() as connection:
        cursor = connection.execute(select(Run.cursor).where(Run.id == run_id)).scalar() or 0
        known = connection.execute(
            select(Compaction.cursor, Compaction.owner).where(Compaction.run_id == run_id)
        ).first()
    last = cursor - keep_reports if until is None else min(cursor - keep_reports, until)
    if last <= (0 if known is None else known.cursor) and (known is None or known.owner is None):
        return 0
    claim = Claim(engine, run_id)
    try:
        compaction = _Pass(engine, run_id, claim, breathe)
        return compaction.run(last)
    finally:
        claim.give_up()


@dataclass(slots=True)
class _Rows:
    """What one transaction writes, and which chunks it replaces."""

    axes: list[stretch.Row] = field(default_factory=list)
    chunks: list[stretch.Row] = field(default_factory=list)
    replaced: list[ListedChunk] = field(default_factory=list)


class _Pass:
    def __init__(self, engine: Engine, run_id: str, claim: Claim, breathe: Breathe) -> None:
        self.engine = engine
        self.run_id = run_id
        self.claim = claim
        self.breathe = breathe
        self.version = claim.before.version + 1
        self.cursor = claim.before.cursor
        self.totals = claim.before.totals
        self.frame_bytes = claim.before.frame_bytes
        self.frames = 0
        self.replaced: list[ListedChunk] = []

    def run(self, until: int) -> int:
        with reading(self.engine).connect() as connection:
            blocks = self._read(connection, until)
            ids = _series_ids(connection, self.run_id)
        self.totals = grown(self.totals, max(ids.values(), default=-1) + 1)
        for keys, points in blocks.groups():
            self._group([ids[kind_of(key), key] for key in keys], points, blocks.range(keys[0]).replaced)
        if self.cursor > self.claim.before.cursor:
            self._show()
        self._tidy()
        return self.frames

    def _read(self, connection: Connection, until: int) -> Blocks:
        """The frames of this pass; whole reports, at least one."""
        blocks = Blocks("")
        size = 0
        found = replay.frames(connection, self.run_id, self.cursor, until)
        for cursor, of_report in groupby(found, lambda item: item[0].cursor):
            frames = [frame for _, frame in of_report]
            blocks.extend(frames, cursor)
            self.cursor = cursor
            self.frames += len(frames)
            size += sum(frame.values.nbytes + frame.steps.nbytes + frame.times.nbytes for frame in frames)
            if size > PASS_BYTES_MAX:
                break
        else:
            # Reports without frames are behind us as well.
            self.cursor = max(self.cursor, until)
        self.frame_bytes += size
        return blocks

    def _group(self, series_ids: list[int], points: Stretch, replaced: int) -> None:
        width = max(1, SLICE_BYTES_MAX // (8 * len(points.steps)))
        for first in range(0, len(series_ids), width):
            some = series_ids[first : first + width]
            self.breathe()
            self._slice(some, points.series(first, first + width), replaced)

    def _slice(self, series_ids: list[int], points: Stretch, replaced: int) -> None:
        with reading(self.engine).connect() as connection:
            known = self._chunks(connection, series_ids, int(points.steps[0]))
            written = _Rows()
            # Series that were always logged together have the same chunks, and are merged together.
            alike: dict[tuple[Any, ...], list[int]] = {}
            for number, series_id in enumerate(series_ids):
                name = tuple((chunk.first_step, chunk.axis_id) for chunk in known.get(series_id, ()))
                alike.setdefault(name, []).append(number)
            for numbers in alike.values():
                some = [series_ids[number] for number in numbers]
                part = Stretch(points.steps, points.times, points.values[numbers])
                added = self._place(connection, [known.get(series_id, []) for series_id in some], some, part, written)
                self._count(some, part, added, replaced + len(part.steps) - added)
        with self.claim.transaction() as connection:
            insert_new(connection, Axis, written.axes)
            insert_new(connection, Chunk, written.chunks)
            sweeping.mark(connection, written.replaced, self.version)
        self.replaced += written.replaced

    def _chunks(self, connection: Connection, series_ids: list[int], first_step: int) -> dict[int, list[ListedChunk]]:
        """The chunks that reach to or beyond a step."""
        wanted = {(self.run_id, self.version - 1): series_ids}
        found: dict[int, list[ListedChunk]] = {}
        for chunk in chunks.listed(connection, chunks.of_series(wanted, (first_step, STEP_MAX))):
            found.setdefault(chunk.series_id, []).append(chunk)
        return found

    def _place(
        self,
        connection: Connection,
        known: list[list[ListedChunk]],
        series_ids: list[int],
        points: Stretch,
        written: _Rows,
    ) -> int:
        """Put points into or between the chunks of series that have alike ones; returns how many steps are new."""
        added = 0
        spans = [(chunk.first_step, chunk.last_step) for chunk in known[0]]
        for placed in place(spans, points.steps):
            part = points.part(placed.first, placed.end)
            if placed.chunk is not None:
                touched = [of_series[placed.chunk] for of_series in known]
                part = part.after(chunks.stretch_of(connection, touched))
                written.replaced += touched
                added -= touched[0].size
            added += len(part.steps)
            for piece in part.cut():
                axis, rows = stretch.rows(self.run_id, series_ids, piece, self.version)
                written.axes.append(axis)
                written.chunks += rows
        return added

    def _count(self, series_ids: list[int], points: Stretch, added: int, replaced: int) -> None:
        totals = self.totals[series_ids]
        new = totals["count"] == 0
        first, last = int(points.steps[0]), int(points.steps[-1])
        totals["first_step"] = np.where(new, first, np.minimum(totals["first_step"], first))
        latest = new | (totals["last_step"] <= last)
        totals["last_value"] = np.where(latest, points.values[:, -1], totals["last_value"])
        totals["last_step"] = np.where(latest, last, totals["last_step"])
        totals["count"] += added
        totals["replaced"] += replaced
        self.totals[series_ids] = totals

    def _show(self) -> None:
        values = {"version": self.version, "cursor": self.cursor, "frame_bytes": self.frame_bytes}
        with self.claim.transaction() as connection:
            connection.execute(
                update(Compaction).where(Compaction.run_id == self.run_id).values(**values, totals=packed(self.totals))
            )

    def _tidy(self) -> None:
        """Delete what is in sight no more."""
        _delete_frames(self.claim, self.run_id, self.cursor, self.breathe)
        for start in range(0, len(self.replaced), ROWS_DELETED):
            self.breathe()
            with self.claim.transaction() as connection:
                sweeping.remove(connection, self.replaced[start : start + ROWS_DELETED])
        self.claim.finish()


def _delete_frames(claim: Claim, run_id: str, until: int, breathe: Breathe) -> None:
    """Delete the frames of the reports up to a cursor, some at a time."""
    while True:
        breathe()
        with claim.transaction() as connection:
            some = (
                select(Frame.cursor)
                .where(Frame.run_id == run_id, Frame.cursor <= until)
                .order_by(Frame.cursor)
                .limit(ROWS_DELETED)
            )
            last = connection.execute(select(func.max(some.subquery().c.cursor))).scalar()
            if last is None:
                return
            connection.execute(delete(Frame).where(Frame.run_id == run_id, Frame.cursor <= last))


def _series_ids(connection: Connection, run_id: str) -> dict[tuple[str, str], int]:
    rows = connection.execute(select(Series.kind, Series.key, Series.series_id).where(Series.run_id == run_id))
    return {(kind, key): number for kind, key, number in rows}
