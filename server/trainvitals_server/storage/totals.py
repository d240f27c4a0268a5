"""What is known of each compacted series without reading its chunks: one small array a run."""

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.packing import pack, unpack

TOTAL = np.dtype(
    [
        ("count", "<i8"),
        ("replaced", "<i8"),
        ("first_step", "<i8"),
        ("last_step", "<i8"),
        ("last_value", "<f8"),
    ]
)
"""How many steps; how many values a later write replaced; the first and last step, and the value there."""

Totals = NDArray[np.void]
"""[series_id]; a count of 0 where nothing is compacted."""

NONE: Totals = np.zeros(0, TOTAL)


def packed(totals: Totals) -> bytes:
    """The totals as bytes."""
    return pack(np.ascontiguousarray(totals).view("<i8"))


def unpacked(stored: bytes) -> Totals:
    """The totals that `packed` was given."""
    return unpack(stored).copy().view(TOTAL)


def grown(totals: Totals, size: int) -> Totals:
    """The totals with room for at least `size` series."""
    room = np.zeros(max(size, len(totals)), TOTAL)
    room[: len(totals)] = totals
    return room
