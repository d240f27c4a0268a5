"""What is known of each series of a run."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from trainvitals_server.storage.blocks import SeriesRange
from trainvitals_server.tables import Histogram, Series
from trainvitals_wire.names import EVALUATION_PREFIX, STATISTICS_BY_NAME, kind_of, split_key
from trainvitals_wire.records import SeriesEntry


def series_list(connection: Connection, run_id: str, ranges: Mapping[str, SeriesRange]) -> list[SeriesEntry]:
    """Every series and histogram key, in the order in which they first came."""
    histograms = _histograms(connection, run_id)
    names = select(Series.series_id, Series.key).where(Series.run_id == run_id)
    found: list[SeriesEntry] = []
    for series_id, key in connection.execute(names.order_by(Series.series_id)):
        if series_id in histograms:
            found.append(_histogram(key, histograms[series_id]))
        elif key in ranges:
            found.append(_numbers(key, ranges[key]))
    return found


def _numbers(key: str, known: SeriesRange) -> SeriesEntry:
    statistic = STATISTICS_BY_NAME.get(split_key(key)[0].removeprefix(EVALUATION_PREFIX))
    return {
        "key": key,
        "kind": kind_of(key),
        "unit": "" if statistic is None else statistic.unit,
        "first_step": known.first_step,
        "last_step": known.last_step,
        "last_value": known.last_value if math.isfinite(known.last_value) else None,
        "count": known.count,
    }


def _histogram(key: str, row: Row[Any]) -> SeriesEntry:
    return {
        "key": key,
        "kind": "histogram",
        "unit": "",
        "first_step": row.first_step,
        "last_step": row.last_step,
        "last_value": None,
        "count": row.steps,
    }


def _histograms(connection: Connection, run_id: str) -> dict[int, Row[Any]]:
    rows: Iterable[Row[Any]] = connection.execute(
        select(
            Histogram.series_id,
            func.min(Histogram.step).label("first_step"),
            func.max(Histogram.step).label("last_step"),
            func.count(Histogram.step.distinct()).label("steps"),
        )
        .where(Histogram.run_id == run_id)
        .group_by(Histogram.series_id)
    )
    return {row.series_id: row for row in rows}
