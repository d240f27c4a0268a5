"""A stretch: points of several series at the same steps, and the rows of chunks that hold them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage import pyramid
from trainvitals_server.storage.pieces import pack_ascending, pack_pieces

POINTS_MAX = 65_536
"""Most points of a chunk."""

NEVER = 2**62
"""The version at which a chunk dies that is not replaced."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps int64 [n] ascending, each once; times float64 [n]; values float32 or float64 [series, n]."""

    steps: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[Any]

    def part(self, first: int, end: int) -> "Stretch":
        """The points `first <= place < end`."""
        return Stretch(self.steps[first:end], self.times[first:end], self.values[:, first:end])

    def series(self, first: int, end: int) -> "Stretch":
        """Some of the series."""
        return Stretch(self.steps, self.times, self.values[first:end])

    def cut(self) -> list["Stretch"]:
        """In parts that fit into chunks; all but the last are full, so that they need not be joined again."""
        return [self.part(first, first + POINTS_MAX) for first in range(0, len(self.steps), POINTS_MAX)]

    def after(self, earlier: "Stretch") -> "Stretch":
        """Both together; where they have the same step this one stands."""
        both = np.concatenate([earlier.steps, self.steps])
        # Stable: of equal steps the later written stands last.
        order = np.argsort(both, kind="stable")
        ordered = both[order]
        chosen = order[np.append(ordered[1:] != ordered[:-1], True)]
        values = np.concatenate([earlier.values, self.values], axis=1)
        return Stretch(both[chosen], np.concatenate([earlier.times, self.times])[chosen], values[:, chosen])


def concatenated(parts: Sequence[Stretch]) -> Stretch:
    """Parts one after the other."""
    return Stretch(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts], axis=1),
    )


def rows(run_id: str, series_ids: Sequence[int], stretch: Stretch, version: int) -> tuple[Row, list[Row]]:
    """The row of the axis and the rows of the chunks of a stretch that fits into a chunk, shown from `version` on."""
    axis = _axis(run_id, stretch)
    first_step, last_step = int(stretch.steps[0]), int(stretch.steps[-1])
    shared = {
        "run_id": run_id,
        "first_step": first_step,
        "born": version,
        "died": NEVER,
        "last_step": last_step,
        "size": len(stretch.steps),
        "axis_id": axis["axis_id"],
    }
    levels = _levels(stretch)
    narrow = _narrow(stretch.values)
    found = []
    for place, series_id in enumerate(series_ids):
        pyramids = {name: None if level is None else level[place].tobytes() for name, level in levels.items()}
        values = stretch.values[place] if narrow is None or not narrow[1][place] else narrow[0][place]
        found.append({**shared, "series_id": series_id, **pyramids, "values": pack_pieces(values)})
    return axis, found


def _levels(stretch: Stretch) -> dict[str, Any]:
    count = len(stretch.steps)
    found: dict[str, Any] = dict.fromkeys(pyramid.NAMES)
    below, width_below = None, 1
    for name, width in zip(pyramid.NAMES, pyramid.LEVELS, strict=True):
        if count <= width:
            break
        below = found[name] = _bucketed(stretch, below, width // width_below)
        width_below = width
    return {"summary": _bucketed(stretch, below, count), **found}


def _bucketed(stretch: Stretch, below: Any, width: int) -> Any:
    if below is None:
        starts = pyramid.starts_of_level(len(stretch.steps), width)
        return pyramid.buckets_of(stretch.steps, stretch.times, stretch.values, starts)
    return pyramid.merged(below, pyramid.starts_of_level(below.shape[1], width))


def _narrow(values: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.bool_]] | None:
    """The values as float32, and of which series that loses nothing; None where they are float32."""
    if values.dtype == np.float32:
        return None
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    return narrow, ((narrow == values) | np.isnan(values)).all(axis=1)


def _axis(run_id: str, stretch: Stretch) -> Row:
    steps, times = np.ascontiguousarray(stretch.steps), np.ascontiguousarray(stretch.times)
    identity = hashlib.blake2b(steps.tobytes() + times.tobytes(), digest_size=12).hexdigest()
    return {"run_id": run_id, "axis_id": identity, "steps": pack_ascending(steps), "times": pack_ascending(times)}
