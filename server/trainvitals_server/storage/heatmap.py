"""Layers x steps: one statistic of every layer, in columns that all layers share."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.blocks import SeriesValues
from trainvitals_server.storage.buckets import plain, starts_of
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

    Of gradients, updates and counts the largest value stands for a column, so that spikes survive; else the mean.
    """
    steps = _union([series.steps for _, series in rows])
    starts = steps[starts_of(len(steps), columns_max)]
    reduce = reduce_of(statistic)
    return {
        "layers": [name for name, _ in rows],
        "steps": starts.tolist(),
        "values": [plain(_row(series, starts, reduce)) for _, series in rows],
    }


def reduce_of(statistic: str) -> Reduce:
    """How several steps of a statistic become one column."""
    name = statistic.removeprefix(EVALUATION_PREFIX)
    return "max" if name.startswith(_SPIKES) or name.endswith("_count") else "mean"


def _union(steps: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    # Most series share their steps: sorting the distinct ones alone is what makes this cheap.
    distinct = {part.tobytes(): part for part in steps}
    return np.unique(np.concatenate([*distinct.values(), np.empty(0, np.int64)]))


def _row(series: SeriesValues, starts: NDArray[np.int64], reduce: Reduce) -> NDArray[np.float64]:
    row = np.full(len(starts), np.nan)
    finite = np.isfinite(series.values)
    values = series.values[finite].astype(np.float64)
    if not len(values):
        return row
    columns = np.searchsorted(starts, series.steps[finite], "right") - 1
    firsts = np.flatnonzero(np.diff(columns, prepend=-1))
    used = columns[firsts]
    if reduce == "max":
        row[used] = np.maximum.reduceat(values, firsts)
    else:
        counts = np.diff(np.append(firsts, len(values)))
        row[used] = np.add.reduceat(values, firsts) / counts
    return row


def _size(parameter: Parameter) -> int:
    return math.prod(parameter["shape"])
