"""Intervals against a plain set."""

from hypothesis import given
from hypothesis import strategies as st

from trainvitals_server.storage.sequences import Sequences


@given(st.lists(st.integers(1, 30)))
def test_intervals_hold_what_a_set_would_and_never_touch(added: list[int]) -> None:
    sequences = Sequences([])
    for number in added:
        sequences.add(number)
    assert [number for number in range(32) if number in sequences] == sorted(set(added))
    for (_, last), (first, _) in zip(sequences.intervals, sequences.intervals[1:], strict=False):
        assert last + 1 < first


def test_what_comes_in_order_is_one_interval() -> None:
    sequences = Sequences([[1, 5]])
    sequences.add(6)
    assert sequences.intervals == [[1, 6]]
