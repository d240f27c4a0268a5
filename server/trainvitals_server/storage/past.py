"""Compacted numbers as the frames that may have brought them: by ascending step, a column list each."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from trainvitals_server.storage import chunks
from trainvitals_server.storage.bounds import BOUNDS
from trainvitals_server.storage.chunks import ListedChunk
from trainvitals_server.storage.packing import unpack
from trainvitals_server.storage.pieces import PIECE, bounds_of, header_bytes
from trainvitals_server.storage.snapshot import Compacted
from trainvitals_server.tables import Chunk, Series
from trainvitals_wire.frame import Frame

FRAME_ROWS = 256
"""Most steps of one frame."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Series whose chunks share an axis."""

    keys: tuple[str, ...]
    chunks: tuple[ListedChunk, ...]


def frames(
    connection: Connection, run_id: str, compacted: Compacted, lists: Sequence[tuple[str, ...]]
) -> Iterator[Frame]:
    """Everything in chunks; `lists` are the column lists of the run, which frames follow where they can."""
    waiting = _groups(connection, run_id, compacted, lists)
    waiting.sort(key=lambda group: group.chunks[0].first_step, reverse=True)
    open_groups: list[tuple[int, int, Frame, Iterator[Frame]]] = []
    number = 0
    while waiting or open_groups:
        # A group is opened when its turn comes, so that few lie in memory.
        if waiting and (not open_groups or waiting[-1].chunks[0].first_step <= open_groups[0][0]):
            number += 1
            frames = _frames(connection, waiting.pop())
        else:
            _, _, frame, frames = heapq.heappop(open_groups)
            yield frame
        following = next(frames, None)
        if following is not None:
            heapq.heappush(open_groups, (int(following.steps[-1]), number, following, frames))
            number += 1


def _groups(
    connection: Connection, run_id: str, compacted: Compacted, lists: Sequence[tuple[str, ...]]
) -> list[_Group]:
    query = select(Series.series_id, Series.key).where(Series.run_id == run_id, Series.kind != "histogram")
    keys = {row.series_id: row.key for row in connection.execute(query)}
    by_axis: dict[str, dict[str, ListedChunk]] = {}
    which = Chunk.run_id == run_id, chunks.shown(compacted.version)
    for row in connection.execute(select(*chunks.COLUMNS).where(*which).order_by(Chunk.series_id, Chunk.first_step)):
        chunk = ListedChunk._make(row)
        by_axis.setdefault(chunk.axis_id, {})[keys[chunk.series_id]] = chunk
    found = []
    for of_axis in by_axis.values():
        for columns in lists:
            if all(key in of_axis for key in columns):
                found.append(_Group(columns, tuple(of_axis.pop(key) for key in columns)))
        if of_axis:
            found.append(_Group(tuple(of_axis), tuple(of_axis.values())))
    return found


def _frames(connection: Connection, group: _Group) -> Iterator[Frame]:
    name = group.chunks[0].run_id, group.chunks[0].axis_id
    axis = chunks.axes(connection, [name])[name]
    names = [chunks.name_of(chunk) for chunk in group.chunks]
    pieces = -(-len(axis.steps) // PIECE)
    # Piece by piece: whole chunks of a thousand series would be hundreds of megabytes.
    headers = chunks.parts_of_values(connection, dict.fromkeys(names, (0, header_bytes(pieces))))
    bounds = {name: bounds_of(header).tolist() for name, header in headers.items()}
    for number in range(pieces):
        wanted = {name: (bounds[name][number], bounds[name][number + 1]) for name in names}
        packed = chunks.parts_of_values(connection, wanted)
        values: Any = np.stack([unpack(packed.pop(name)) for name in names], axis=1)
        first, end = PIECE * number, min(PIECE * (number + 1), len(axis.steps))
        for part in _parts(axis.steps, first, end):
            inner = slice(part.start - first, part.stop - first)
            yield Frame(group.keys, axis.steps[part], axis.times[part], values[inner])


def _parts(steps: NDArray[np.int64], first: int, end: int) -> Iterator[slice]:
    """Rows of one frame each: none crosses a bound, so that frames of several axes take turns as they were trained."""
    stretch = np.searchsorted(BOUNDS, steps[first:end], "right")
    begins = np.flatnonzero(np.diff(stretch, prepend=0)).tolist()
    for begin, stop in pairwise([*begins, end - first]):
        for row in range(first + begin, first + stop, FRAME_ROWS):
            yield slice(row, min(row + FRAME_ROWS, first + stop))
