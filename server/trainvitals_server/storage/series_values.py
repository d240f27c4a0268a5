"""The points of one series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """A series by ascending step, each step once: the last write stands."""

    steps: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[Any]

    def places(self, first_step: int | None, last_step: int | None) -> tuple[int, int]:
        """The first place between two steps, both included, and one past the last."""
        low = 0 if first_step is None else int(np.searchsorted(self.steps, first_step, "left"))
        high = len(self.steps) if last_step is None else int(np.searchsorted(self.steps, last_step, "right"))
        return low, max(low, high)

    def part(self, first: int, end: int) -> "SeriesValues":
        """The points `first <= place < end`."""
        return SeriesValues(self.steps[first:end], self.times[first:end], self.values[first:end])

    def window(self, first_step: int | None, last_step: int | None) -> "SeriesValues":
        """The part between two steps, both included."""
        return self.part(*self.places(first_step, last_step))

    def after(self, earlier: "SeriesValues") -> "SeriesValues":
        """Both together; where they have the same step this one stands."""
        both = joined([earlier, self])
        # Stable: of equal steps the later written stands last.
        order = np.argsort(both.steps, kind="stable")
        steps = both.steps[order]
        chosen = order[np.append(steps[1:] != steps[:-1], True)]
        return SeriesValues(both.steps[chosen], both.times[chosen], both.values[chosen])


EMPTY = SeriesValues(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.float32))


def joined(parts: Sequence[SeriesValues]) -> SeriesValues:
    """Parts one after the other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY
    return SeriesValues(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


class Joining:
    """Joins the parts of many series; those that share the steps of their parts share the joined ones."""

    def __init__(self) -> None:
        self._shared: dict[tuple[int, ...], tuple[Sequence[SeriesValues], SeriesValues]] = {}

    def __call__(self, parts: Sequence[SeriesValues]) -> SeriesValues:
        """Parts one after the other."""
        if len(parts) < 2:
            return joined(parts)
        name = tuple(id(array) for part in parts for array in (part.steps, part.times))
        if name not in self._shared:
            whole = joined(parts)
            # The parts are kept with it: an address means another array once its own is gone.
            self._shared[name] = parts, whole
            return whole
        _, like = self._shared[name]
        return SeriesValues(like.steps, like.times, np.concatenate([part.values for part in parts]))
