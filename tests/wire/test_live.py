"""Live messages survive the trip, and their arrays lie where a browser can view them in place."""

import struct

import numpy as np
import pytest

from trainvitals_wire.errors import MalformedReport
from trainvitals_wire.frame import Frame
from trainvitals_wire.live import Points, decode_points, encode_points

FRAME = Frame(("loss", "accuracy"), np.array([3, 4]), np.array([1.5, 2.5]), np.array([[1.0, 2.0], [np.nan, np.inf]]))


def test_points_survive_the_round_trip() -> None:
    points = decode_points(encode_points(Points("a", "run", "epoch", 7, FRAME)))
    assert (points.id, points.run, points.epoch, points.cursor) == ("a", "run", "epoch", 7)
    assert points.frame.keys == FRAME.keys
    np.testing.assert_array_equal(points.frame.steps, FRAME.steps)
    np.testing.assert_array_equal(points.frame.times, FRAME.times)
    np.testing.assert_array_equal(points.frame.values, FRAME.values)


@pytest.mark.parametrize("identifier", ["a", "ab", "abc", "abcdefgh"])
def test_arrays_start_at_a_multiple_of_8(identifier: str) -> None:
    message = encode_points(Points(identifier, "run", "epoch", 7, FRAME))
    (header_bytes,) = struct.unpack_from("<I", message)
    assert (4 + header_bytes) % 8 == 0


def test_garbage_is_refused() -> None:
    with pytest.raises(MalformedReport):
        decode_points(b"\x10\x00\x00\x00nothing")
