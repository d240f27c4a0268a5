"""Every chunk decodes, its buckets are those of its points, and together they hold what was counted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select

from trainvitals_server.storage import pyramid
from trainvitals_server.storage.chunks import shown
from trainvitals_server.storage.pieces import unpack_ascending, unpack_pieces
from trainvitals_server.storage.totals import unpacked
from trainvitals_server.tables import Axis, Chunk, Compaction

PAGE_CHUNKS = 64


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """The chunks that are shown: steps that ascend and do not overlap, sizes and buckets that fit, the totals."""
    state = connection.execute(select(Compaction.__table__).where(Compaction.run_id == run.id)).one_or_none()
    if state is None:
        return
    if not 0 <= state.cursor <= run.cursor:
        yield f"it is compacted up to report {state.cursor}, of {run.cursor}"
    axes = _axes(connection, run.id)
    counts: defaultdict[int, int] = defaultdict(int)
    reached: defaultdict[int, int] = defaultdict(lambda: -1)
    query = select(Chunk.__table__).where(Chunk.run_id == run.id, shown(state.version))
    ordered = query.order_by(Chunk.series_id, Chunk.first_step)
    for row in connection.execute(ordered, execution_options={"yield_per": PAGE_CHUNKS}):
        looked_at["chunks"] += 1
        place = f"chunk of series {row.series_id} from step {row.first_step}"
        if row.first_step <= reached[row.series_id]:
            yield f"{place} overlaps the one before, which reaches to step {reached[row.series_id]}"
        reached[row.series_id] = row.last_step
        counts[row.series_id] += row.size
        try:
            looked_at["numbers"] += _points(row, axes[row.axis_id])
        except Exception as error:
            yield f"{place} cannot be decoded: {error}"
    yield from _against_totals(unpacked(state.totals)["count"], counts)


def _against_totals(counted: NDArray[np.int64], counts: "defaultdict[int, int]") -> Iterator[str]:
    for series_id in range(max(len(counted), max(counts, default=-1) + 1)):
        wanted = int(counted[series_id]) if series_id < len(counted) else 0
        if counts[series_id] != wanted:
            yield f"series {series_id} has {counts[series_id]} compacted steps, but {wanted} were counted"


def _axes(connection: Connection, run_id: str) -> dict[str, NDArray[np.int64]]:
    rows = connection.execute(select(Axis.axis_id, Axis.steps).where(Axis.run_id == run_id))
    return {axis_id: unpack_ascending(packed, np.int64) for axis_id, packed in rows}


def _points(row: Row[Any], steps: NDArray[np.int64]) -> int:
    """How many points the chunk holds; ValueError where it is not what its row and its buckets say."""
    values = unpack_pieces(row.values)
    if not row.size == len(steps) == len(values):
        raise ValueError(f"{row.size} points announced, {len(steps)} steps and {len(values)} values found")
    if (int(steps[0]), int(steps[-1])) != (row.first_step, row.last_step) or not (np.diff(steps) > 0).all():
        raise ValueError(f"steps {steps[0]} to {steps[-1]}, or not ascending")
    levels = [("summary", row.size), *zip(pyramid.NAMES, pyramid.LEVELS, strict=True)]
    for name, width in levels:
        packed = getattr(row, name)
        if packed is not None or width < row.size:
            _check_level(name, np.frombuffer(packed or b"", pyramid.BUCKET), values, width)
    return len(values)


def _check_level(name: str, found: pyramid.Buckets, values: NDArray[Any], width: int) -> None:
    nothing = np.zeros(len(values))
    starts = pyramid.starts_of_level(len(values), width)
    wanted = pyramid.buckets_of(nothing.astype(np.int64), nothing, values[None], starts)[0]
    for field in ("min", "max", "first", "last", "count", "nan", "positive", "negative"):
        if len(found) != len(wanted) or not np.array_equal(found[field], wanted[field], equal_nan=True):
            raise ValueError(f"the {field} of its {name} buckets is not that of its points")
