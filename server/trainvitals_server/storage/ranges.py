"""What is known of the series of a run without their points: chunks and frames together."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from trainvitals_server.storage.blocks import Blocks, SeriesRange
from trainvitals_server.storage.cold import Cold, Wanted
from trainvitals_server.storage.snapshot import Compacted
from trainvitals_server.tables import Series

Ids = Mapping[str, int]


def series_ids(connection: Connection, run_id: str) -> dict[str, int]:
    """The identifiers of the series of numbers of a run by key, in the order in which they came."""
    query = select(Series.key, Series.series_id).where(Series.run_id == run_id, Series.kind != "histogram")
    return {row.key: row.series_id for row in connection.execute(query.order_by(Series.series_id))}


def series_ranges(
    connection: Connection, run: Row[Any], compacted: Compacted, blocks: Blocks, ids: Ids
) -> dict[str, SeriesRange]:
    """The range of each series that has points."""
    again = _replaced(connection, run, compacted, blocks, ids)
    found = {}
    for key, number in ids.items():
        cold = _cold(compacted, number)
        hot = blocks.range(key) if key in blocks else None
        if cold is not None and hot is not None:
            found[key] = _both(cold, hot, again.get(key, 0))
        elif cold is not None or hot is not None:
            found[key] = cold or hot  # type: ignore[assignment]
    return found


def replaced(connection: Connection, run: Row[Any], compacted: Compacted, blocks: Blocks) -> int:
    """How many values of the run a later write replaced."""
    before = int(compacted.totals["replaced"].sum()) + blocks.replaced()
    last_step = int(compacted.totals["last_step"].max(initial=-1))
    if all(blocks.steps(keys[0])[0] > last_step for keys in blocks.alike()):
        return before
    return before + sum(_replaced(connection, run, compacted, blocks, series_ids(connection, run.id)).values())


def _replaced(connection: Connection, run: Row[Any], compacted: Compacted, blocks: Blocks, ids: Ids) -> dict[str, int]:
    """How many steps of each series in frames are in chunks as well."""
    both = dict(_meeting(compacted, blocks, ids))
    if not both:
        return {}
    window = min(int(steps[0]) for steps in both.values()), max(int(steps[-1]) for steps in both.values())
    wanted = [Wanted(run.id, ids[key], compacted.version) for key in both]
    stored = Cold(connection, wanted, window).values()
    return {
        key: len(np.intersect1d(steps, cold.steps, assume_unique=True))
        for (key, steps), cold in zip(both.items(), stored, strict=True)
    }


def _meeting(compacted: Compacted, blocks: Blocks, ids: Ids) -> Iterable[tuple[str, Any]]:
    """The series whose frames reach back to where chunks are, with the steps of their frames."""
    for keys in blocks.alike():
        steps = blocks.steps(keys[0])
        for key in keys:
            cold = _cold(compacted, ids[key])
            if cold is not None and steps[0] <= cold.last_step:
                yield key, steps


def _cold(compacted: Compacted, number: int) -> SeriesRange | None:
    if number >= len(compacted.totals) or not compacted.totals[number]["count"]:
        return None
    total = compacted.totals[number]
    steps = int(total["first_step"]), int(total["last_step"])
    return SeriesRange(*steps, float(total["last_value"]), int(total["count"]), int(total["replaced"]))


def _both(cold: SeriesRange, hot: SeriesRange, again: int) -> SeriesRange:
    """`again` counts the steps that both have."""
    return SeriesRange(
        min(cold.first_step, hot.first_step),
        max(cold.last_step, hot.last_step),
        hot.last_value if hot.last_step >= cold.last_step else cold.last_value,
        cold.count + hot.count - again,
        cold.replaced + hot.replaced + again,
    )
