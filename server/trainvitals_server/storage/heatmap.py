"""Layers x steps: one statistic of every layer, in columns that all layers share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage import pyramid
from trainvitals_server.storage.buckets import plain, starts_of
from trainvitals_server.storage.cold import Cold
from trainvitals_server.storage.pyramid import Buckets, buckets_of, level_for
from trainvitals_server.storage.series_values import SeriesValues
from trainvitals_wire.names import EVALUATION_PREFIX, STATISTICS_BY_NAME, series_key
from trainvitals_wire.records import Heatmap, Layer, Parameter

Reduce = Literal["max", "mean"]
_Row = SeriesValues | Buckets
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
    columns = _Columns.of(np.empty(0, np.int64), starts)
    values = []
    for row in rows:
        steps = _steps(row)
        # Layers are mostly logged together: where their steps fall is looked up once.
        if not np.array_equal(steps, columns.steps):
            columns = _Columns.of(steps, starts)
        values.append(plain(columns.reduce(row, reduce)))
    return {"layers": list(layers), "steps": starts.tolist(), "values": values}


def _rows(cold: Cold, columns_max: int) -> tuple[list[_Row], NDArray[np.int64]]:
    """The series as points, or as buckets of which none lies in two columns, and the first step of each column."""
    width = level_for(max((found.count for found in cold.found), default=0), columns_max)
    if width == 1:
        points = cold.values()
        steps = _union([series.steps for series in points])
        return [*points], steps[starts_of(len(steps), columns_max)]
    buckets = cold.buckets([width] * len(cold.found))
    finest = max(buckets, key=len)["step"]
    starts = finest[starts_of(len(finest), columns_max)]
    starts[0] = min(int(row["step"][0]) for row in buckets if len(row))
    rows: list[_Row] = [*buckets]
    torn = [number for number, row in enumerate(buckets) if _torn(row["step"], starts)]
    for number, series in zip(torn, cold.values(torn) if torn else (), strict=True):
        rows[number] = series
    return rows, starts


def _steps(row: _Row) -> NDArray[np.int64]:
    return row.steps if isinstance(row, SeriesValues) else row["step"]


def _torn(steps: NDArray[np.int64], starts: NDArray[np.int64]) -> bool:
    """Whether a bucket may reach into another column than the one it begins in."""
    columns = np.searchsorted(starts, steps, "right")
    return bool((columns[:-1] != np.searchsorted(starts, steps[1:] - 1, "right")).any())


def _union(steps: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    distinct: list[NDArray[np.int64]] = []
    for part in steps:
        if not any(np.array_equal(part, other) for other in distinct[-1:]):
            distinct.append(part)
    return np.unique(np.concatenate([*distinct, np.empty(0, np.int64)]))


def reduce_of(statistic: str) -> Reduce:
    """How several steps of a statistic become one column."""
    name = statistic.removeprefix(EVALUATION_PREFIX)
    return "max" if name.startswith(_SPIKES) or name.endswith(("_count", "_absmax")) else "mean"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which places of a series fall into which columns."""

    steps: NDArray[np.int64]
    size: int
    used: NDArray[np.int64]
    """The columns that have a value."""
    firsts: NDArray[np.int64]
    """The first place of each of those."""

    @classmethod
    def of(cls, steps: NDArray[np.int64], starts: NDArray[np.int64]) -> "_Columns":
        columns = np.searchsorted(starts, steps, "right") - 1
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        return cls(steps, len(starts), columns[firsts], firsts)

    def reduce(self, row: _Row, reduce: Reduce) -> NDArray[np.float64]:
        found = np.full(self.size, np.nan)
        if not len(self.steps):
            return found
        if isinstance(row, SeriesValues):
            found[self.used] = buckets_of(row.steps, row.times, row.values[None], self.firsts)[0][reduce]
        else:
            found[self.used] = pyramid.merged(row[None], self.firsts)[0][reduce]
        return found


def _size(parameter: Parameter) -> int:
    return math.prod(parameter["shape"])
