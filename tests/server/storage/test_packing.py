"""Arrays as bytes, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from trainvitals_server.storage.packing import pack, unpack

DTYPES = [np.float32, np.float64, np.int64, np.uint16, np.uint64]


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: npst.arrays(dtype, st.integers(0, 300))))
def test_what_is_packed_comes_back_bit_for_bit(array: np.ndarray) -> None:  # type: ignore[type-arg]
    back = unpack(pack(array))
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_even_array_becomes_small(dtype: type) -> None:
    array = np.arange(1000).astype(dtype)
    packed = pack(array)
    assert len(packed) < array.nbytes / 3
    np.testing.assert_array_equal(unpack(packed), array)


def test_a_block_is_read_row_by_row_whatever_its_layout() -> None:
    block = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(unpack(pack(block[:, ::2])), [0, 2, 4, 6, 8, 10])
