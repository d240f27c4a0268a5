"""A frame: one dense [steps x series] block of numbers, the unit that is sent, stored and drawn."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers of the same series at the same steps.

    `steps` is int64 [n], `times` float64 [n] in seconds since 1970, `values` [n, k]: float32 for statistics, float64
    for the user's metrics. Every cell was logged; a series that was not logged at a step is in another frame. NaN and
    the infinities are values like any other.
    """

    keys: tuple[str, ...]
    steps: NDArray[np.int64]
    times: NDArray[np.float64]
    values: Values

    def select(self, keys: Sequence[str]) -> "Frame | None":
        """The part of the frame that holds these series, or None where it holds none of them."""
        place = {key: index for index, key in enumerate(self.keys)}
        found = [key for key in keys if key in place]
        if not found:
            return None
        return Frame(tuple(found), self.steps, self.times, self.values[:, [place[key] for key in found]])


def columns_id(keys: Sequence[str]) -> str:
    """The identifier of a column list: 16 hexadecimal digits that follow from its keys alone."""
    return hashlib.blake2b("\n".join(keys).encode(), digest_size=8).hexdigest()
