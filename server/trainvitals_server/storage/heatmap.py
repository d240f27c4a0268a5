"""Layers x steps: one statistic of every layer, in columns that all layers share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.blocks import SeriesValues
from trainvitals_server.storage.buckets import means, plain, starts_of
from trainvitals_wire.names import EVALUATION_PREFIX, STATISTICS_BY_NAME, series_key
from trainvitals_wire.records import Heatmap, Layer, Parameter

Reduce = Literal["max", "mean"]
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


def heatmap(statistic: str, rows: Sequence[tuple[str, SeriesValues]], columns_max: int) -> Heatmap:
    """One row a layer (name and series) in at most `columns_max` columns; a cell without a finite value is None.

    Of gradients, updates, counts and maxima the largest stands for a column, so that spikes survive; else the mean.
    """
    steps = _union([series.steps for _, series in rows])
    starts = steps[starts_of(len(steps), columns_max)]
    reduce = reduce_of(statistic)
    columns: dict[tuple[int, int], _Columns] = {}
    values = []
    for _, series in rows:
        name = _identity(series.steps)
        if name not in columns:
            columns[name] = _Columns.of(series.steps, starts)
        values.append(plain(columns[name].reduce(series.values, reduce)))
    return {"layers": [name for name, _ in rows], "steps": starts.tolist(), "values": values}


def reduce_of(statistic: str) -> Reduce:
    """How several steps of a statistic become one column."""
    name = statistic.removeprefix(EVALUATION_PREFIX)
    return "max" if name.startswith(_SPIKES) or name.endswith(("_count", "_absmax")) else "mean"


def _union(steps: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    distinct = {_identity(part): part for part in steps}
    return np.unique(np.concatenate([*distinct.values(), np.empty(0, np.int64)]))


def _identity(array: NDArray[np.int64]) -> tuple[int, int]:
    """The same for views of the same memory: layers logged together share one array of steps."""
    return array.__array_interface__["data"][0], len(array)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which places of a series fall into which columns."""

    size: int
    used: NDArray[np.int64]
    """The columns that have a value."""
    firsts: NDArray[np.int64]
    """The first place of each of those."""

    @classmethod
    def of(cls, steps: NDArray[np.int64], starts: NDArray[np.int64]) -> "_Columns":
        columns = np.searchsorted(starts, steps, "right") - 1
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        return cls(len(starts), columns[firsts], firsts)

    def reduce(self, values: NDArray[Any], reduce: Reduce) -> NDArray[np.float64]:
        row = np.full(self.size, np.nan)
        if not len(values):
            return row
        numbers = values.astype(np.float64)
        finite = np.isfinite(numbers)
        if reduce == "max":
            row[self.used] = np.maximum.reduceat(np.where(finite, numbers, -np.inf), self.firsts)
        else:
            counts = np.add.reduceat(finite.astype(np.int64), self.firsts)
            row[self.used] = means(numbers, finite, self.firsts, counts)
        return row


def _size(parameter: Parameter) -> int:
    return math.prod(parameter["shape"])
