"""Arrays as bytes in the database.

One byte says how: the number type and whether the rest is compressed. Compressed means byte-shuffled (all first bytes
of the numbers, then all second bytes, ...) and then zstd at its fastest; neighbouring numbers share their high bytes,
so this is where floats have something to give. Small or incompressible arrays stay as they are.
"""

import threading
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

_DTYPES: tuple[np.dtype[Any], ...] = tuple(np.dtype(code) for code in ("<f4", "<f8", "<i8", "<u2", "<u8"))
_CODES = {dtype: code for code, dtype in enumerate(_DTYPES)}
_COMPRESSED = 0x80
_COMPRESS_BYTES_MIN = 256
_LEVEL = 1
_local = threading.local()


def pack(array: NDArray[Any]) -> bytes:
    """The bytes of an array of float32, float64, int64, uint16 or uint64; its shape is not kept."""
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    code = _CODES[array.dtype]
    if array.nbytes < _COMPRESS_BYTES_MIN:
        return bytes([code]) + array.tobytes()
    packed: bytes = _compressor().compress(_shuffle(array))
    if len(packed) >= array.nbytes:
        return bytes([code]) + array.tobytes()
    return bytes([code | _COMPRESSED]) + packed


def unpack(packed: bytes | memoryview) -> NDArray[Any]:
    """The flat array that `pack` was given."""
    dtype = _DTYPES[packed[0] & ~_COMPRESSED]
    if not packed[0] & _COMPRESSED:
        return np.frombuffer(packed, dtype, offset=1)
    planes = np.frombuffer(_decompressor().decompress(memoryview(packed)[1:]), np.uint8).reshape(dtype.itemsize, -1)
    woven = np.empty(planes.T.shape, np.uint8)
    # Plane by plane: numpy transposes bytes less than half as quickly.
    for place, plane in enumerate(planes):
        woven[:, place] = plane
    return woven.view(dtype).reshape(-1)


def _shuffle(array: NDArray[Any]) -> bytes:
    planes = array.reshape(-1).view(np.uint8).reshape(-1, array.itemsize).T
    return planes.tobytes()


def _compressor() -> zstandard.ZstdCompressor:
    # A compressor object must not be used by two threads at once.
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True)
    found: zstandard.ZstdCompressor = _local.compressor
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _local.decompressor
    return found
