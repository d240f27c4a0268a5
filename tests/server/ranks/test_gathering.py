"""Which steps are merged, and when."""

import numpy as np
import pytest

from trainvitals_server.ranks.gathering import PATIENCE_SECONDS, WRITER_PREFIX, Gathering
from trainvitals_wire.frame import Frame
from trainvitals_wire.ranks import rank_key
from trainvitals_wire.report import Report


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gathering(clock: Clock) -> Gathering:
    found = Gathering(clock)
    for rank in range(2):
        fact = {"kind": "rank", "step": 0, "details": {"rank": rank, "world_size": 2}}
        found.add(Report(f"writer{rank}", 1, facts=(fact,)))
    return found


def share(rank: int, *steps: int, mean: float = 0.0) -> Report:
    """The mean of a layer's output at some steps, as a rank tells it."""
    keys = tuple(rank_key(rank, key) for key in ("activation_count/a", "activation_mean/a"))
    values = np.array([[4.0, mean]] * len(steps), np.float32)
    return Report(f"writer{rank}", 2, (Frame(keys, np.array(steps), np.full(len(steps), 1e9), values),))


def alive(rank: int, step: int) -> Report:
    """A rank's sign that it is at a step."""
    key = "step_seconds" if rank == 0 else rank_key(rank, "step_seconds")
    return Report(f"writer{rank}", 3, (Frame((key,), np.array([step]), np.array([1e9]), np.ones((1, 1), np.float32)),))


def told(gathering: Gathering) -> dict[int, float]:
    frames, _ = gathering.ready()
    return {
        step: value
        for frame in frames
        for step, value in zip(frame.steps.tolist(), frame.values[:, 0].tolist(), strict=True)
    }


def test_a_step_is_told_once_both_ranks_have_told_theirs(gathering: Gathering) -> None:
    gathering.add(share(0, 0, mean=1.0))
    assert told(gathering) == {}
    assert gathering.waits
    gathering.add(share(1, 0, mean=3.0))
    assert told(gathering) == {0: 2.0}
    assert told(gathering) == {}
    assert not gathering.waits


def test_a_rank_that_went_past_a_step_without_sampling_it_holds_nobody_up(gathering: Gathering) -> None:
    gathering.add(share(0, 5, mean=1.0))
    gathering.add(alive(1, 5))
    assert told(gathering) == {}
    gathering.add(alive(1, 6))
    assert told(gathering) == {5: 1.0}


def test_a_rank_that_is_silent_is_waited_for_once(gathering: Gathering, clock: Clock) -> None:
    gathering.add(share(0, 0, mean=1.0))
    clock.now += PATIENCE_SECONDS
    assert told(gathering) == {0: 1.0}
    gathering.add(share(0, 1, mean=1.0))
    assert told(gathering) == {1: 1.0}


def test_a_share_that_comes_late_is_merged_in(gathering: Gathering, clock: Clock) -> None:
    gathering.add(share(0, 0, mean=1.0))
    clock.now += PATIENCE_SECONDS
    assert told(gathering) == {0: 1.0}
    gathering.add(share(1, 0, mean=3.0))
    assert told(gathering) == {0: 2.0}


def test_a_rank_alone_is_told_once_the_others_had_time_to_appear(clock: Clock) -> None:
    gathering = Gathering(clock)
    fact = {"kind": "rank", "step": 0, "details": {"rank": 0, "world_size": 2}}
    gathering.add(Report("writer0", 1, facts=(fact,)))
    gathering.add(share(0, 0, mean=1.0))
    assert told(gathering) == {}
    clock.now += PATIENCE_SECONDS
    assert told(gathering) == {0: 1.0}
    gathering.add(share(0, 1, mean=1.0))
    assert told(gathering) == {1: 1.0}


def test_what_was_told_before_a_restart_is_not_told_again(gathering: Gathering) -> None:
    gathering.add(share(0, 0, 1, mean=1.0))
    gathering.add(share(1, 0, 1, mean=1.0))
    frame = Frame(("activation_mean/a",), np.array([0]), np.array([1e9]), np.ones((1, 1), np.float32))
    gathering.add(Report(f"{WRITER_PREFIX}x", 1, (frame,)))
    assert told(gathering) == {1: 1.0}


def test_what_a_rank_tells_of_itself_is_no_share(gathering: Gathering) -> None:
    keys = ("rank1/weight_norm/w", "rank1/step_seconds")
    gathering.add(Report("writer1", 2, (Frame(keys, np.array([0]), np.array([1e9]), np.ones((1, 2), np.float32)),)))
    assert not gathering.waits


def test_a_sample_that_comes_in_several_reports_is_told_once(gathering: Gathering) -> None:
    for rank in range(2):
        gathering.add(share(rank, 0, mean=rank))
    keys = tuple(rank_key(0, key) for key in ("activation_count/a", "activation_absmax/a"))
    first = Frame(keys, np.array([0]), np.array([1e9]), np.array([[4.0, 7.0]], np.float32))
    gathering.add(Report("writer0", 3, (first,)))
    assert told(gathering) == {}
    second = Frame(tuple(key.replace("rank0", "rank1") for key in keys), first.steps, first.times, first.values)
    gathering.add(Report("writer1", 3, (second,)))
    frames, _ = gathering.ready()
    assert [frame.keys for frame in frames] == [("activation_mean/a", "activation_absmax/a")]
