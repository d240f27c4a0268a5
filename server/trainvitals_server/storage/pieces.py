"""Long arrays as bytes, in pieces of equally many numbers, so that a stretch is read without decoding the rest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.packing import pack, unpack

PIECE = 4096
"""Numbers in a piece; it is part of what is stored."""


def pack_pieces(array: NDArray[Any]) -> bytes:
    """The bytes of an array of at least one number: how many pieces, where each ends, the pieces."""
    packed = [pack(array[start : start + PIECE]) for start in range(0, len(array), PIECE)]
    ends = np.cumsum([len(piece) for piece in packed])
    return b"".join([np.array([len(packed), *ends], "<u4").tobytes(), *packed])


def unpack_pieces(packed: bytes, first: int = 0, end: int | None = None) -> NDArray[Any]:
    """The numbers `first <= place < end`, at least one, of the array that `pack_pieces` was given."""
    pieces, offset = _pieces(packed, first, end)
    return _joined([unpack(piece) for piece in pieces])[first - offset : None if end is None else end - offset]


def pack_ascending(array: NDArray[Any]) -> bytes:
    """Like `pack_pieces`, for int64 or float64 that grows evenly: differences of the bits are small, and exact."""
    bits = np.ascontiguousarray(array).view(np.int64)
    steps = np.diff(bits, prepend=0)
    steps[::PIECE] = bits[::PIECE]
    return pack_pieces(steps)


def unpack_ascending(packed: bytes, dtype: type[Any], first: int = 0, end: int | None = None) -> NDArray[Any]:
    """The numbers that `pack_ascending` was given, int64 or float64."""
    pieces, offset = _pieces(packed, first, end)
    bits = _joined([np.cumsum(unpack(piece)) for piece in pieces])
    return bits[first - offset : None if end is None else end - offset].view(dtype)


def header_bytes(pieces: int) -> int:
    """What comes before so many pieces."""
    return 4 * (pieces + 1)


def bounds_of(header: bytes) -> NDArray[np.int64]:
    """Where each piece begins, and the last ends, in bytes; it is enough to know what comes before the pieces."""
    count = int(np.frombuffer(header, "<u4", 1)[0])
    ends = np.frombuffer(header, "<u4", count, 4).astype(np.int64)
    return header_bytes(count) + np.concatenate([np.zeros(1, np.int64), ends])


def _pieces(packed: bytes, first: int, end: int | None) -> tuple[list[memoryview], int]:
    """The pieces that hold a stretch, and the place of their first number."""
    bounds = bounds_of(packed)
    count = len(bounds) - 1
    low, high = first // PIECE, count if end is None else min(count, -(-end // PIECE))
    view = memoryview(packed)
    return [view[bounds[n] : bounds[n + 1]] for n in range(low, max(high, low + 1))], low * PIECE


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
