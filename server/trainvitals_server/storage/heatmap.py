"""Layers x steps: one statistic of every layer, in columns that all layers share."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.buckets import plain, starts_of
from trainvitals_server.storage.cold import Cold
from trainvitals_server.storage.heatmap_row import Columns, Reduce, Row, RowOfBuckets, RowOfPoints
from trainvitals_server.storage.pyramid import level_for
from trainvitals_wire.names import EVALUATION_PREFIX, STATISTICS_BY_NAME, series_key
from trainvitals_wire.records import Heatmap, Layer, Parameter

_SPIKES = ("gradient_", "update_")


def is_statistic(statistic: str) -> bool:
    """Whether layers or parameters have this statistic."""
    found = STATISTICS_BY_NAME.get(statistic.removeprefix(EVALUATION_PREFIX))
    return found is not None and found.owner != "run"


def keys_of(statistic: str, layer: Layer) -> list[str]:
    """The series that may stand for a layer, the first that exists does: its own, or its largest parameter's."""
    owner = STATISTICS_BY_NAME[statistic.removeprefix(EVALUATION_PREFIX)].owner
    found = [] if owner == "parameter" else [series_key(statistic, layer["name"])]
    if owner != "layer" and layer["parameters"]:
        largest = max(layer["parameters"], key=_size)
        found.append(series_key(statistic, largest["name"]))
    return found


def heatmap(statistic: str, layers: Sequence[str], cold: Cold, columns_max: int) -> Heatmap:
    """One row a layer (a series of `cold`) in at most `columns_max` columns; a cell without a finite value is None.

    Of gradients, updates, counts and maxima the largest stands for a column, so that spikes survive; else the mean.
    """
    rows, starts = _rows(cold, columns_max)
    reduce = reduce_of(statistic)
    columns = Columns.of(np.empty(0, np.int64), starts)
    values = []
    for row in rows:
        columns = columns.like(row.steps)
        values.append(plain(columns.reduce(row.numbers(reduce), reduce)))
    return {"layers": list(layers), "steps": starts.tolist(), "values": values}


def _rows(cold: Cold, columns_max: int) -> tuple[Sequence[Row], NDArray[np.int64]]:
    """The series as points, or as buckets of which none lies in two columns, and the first step of each column."""
    # Buckets become columns as they are, where there are half as many as columns are wanted.
    width = level_for(max((found.count for found in cold.found), default=0), columns_max / 2)
    if width == 1:
        points = [RowOfPoints(series) for series in cold.values()]
        steps = _union([row.steps for row in points])
        return points, steps[starts_of(len(steps), columns_max)]
    buckets = [RowOfBuckets(parts) for parts in cold.buckets([width] * len(cold.found))]
    finest = max((row.steps for row in buckets), key=len)
    starts = finest[starts_of(len(finest), columns_max)]
    starts[0] = min(int(row.steps[0]) for row in buckets if len(row.steps))
    rows: list[Row] = [*buckets]
    columns = Columns.of(np.empty(0, np.int64), starts)
    torn = []
    for number, row in enumerate(buckets):
        columns = columns.like(row.steps)
        if columns.torn:
            torn.append(number)
    for number, series in zip(torn, cold.values(torn) if torn else (), strict=True):
        rows[number] = RowOfPoints(series)
    return rows, starts


def _union(steps: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    distinct: list[NDArray[np.int64]] = []
    for part in steps:
        if not any(part is other or np.array_equal(part, other) for other in distinct[-1:]):
            distinct.append(part)
    return distinct[0] if len(distinct) == 1 else np.unique(np.concatenate([*distinct, np.empty(0, np.int64)]))


def reduce_of(statistic: str) -> Reduce:
    """How several steps of a statistic become one column."""
    name = statistic.removeprefix(EVALUATION_PREFIX)
    return "max" if name.startswith(_SPIKES) or name.endswith(("_count", "_absmax")) else "mean"


def _size(parameter: Parameter) -> int:
    return math.prod(parameter["shape"])
