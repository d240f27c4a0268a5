"""Where new points of a series belong among its chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Placed:
    """The points `first <= place < end`: to be merged into the chunk `chunk`, or, where that is None, on their own."""

    chunk: int | None
    first: int
    end: int


def place(chunks: Sequence[tuple[int, int]], steps: NDArray[np.int64]) -> list[Placed]:
    """Parts of ascending `steps`, in order; `chunks` are the first and last steps of a series' chunks, in order.

    Points that only follow a chunk, or lie before the first, touch none.
    """
    bounds = np.searchsorted(steps, [first for first, _ in chunks]).tolist()
    found = []
    for chunk, (first, end) in enumerate(pairwise([0, *bounds, len(steps)]), start=-1):
        if first < end:
            touches = chunk >= 0 and steps[first] <= chunks[chunk][1]
            found.append(Placed(chunk if touches else None, first, end))
    return found
