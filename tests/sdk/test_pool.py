"""The buffer sets of a watch."""

from trainvitals.capture.pool import TRAINING_SETS, Pool


def test_sets_that_are_never_needed_at_once_are_never_touched() -> None:
    pool = Pool(2, 2, lambda reason: None)
    first = pool.take("training")
    assert first is not None
    pool.give_back(first)
    assert all(_taken_again(pool) is first for _ in range(TRAINING_SETS))


def test_where_no_set_is_free_nobody_waits_and_it_is_counted_unless_the_sample_is_only_late() -> None:
    dropped: list[str] = []
    pool = Pool(2, 2, dropped.append)
    assert all(pool.take("training") is not None for _ in range(TRAINING_SETS))
    assert pool.take("training", late=True) is None and dropped == []
    assert pool.take("training") is None and dropped == ["capture_busy"]


def _taken_again(pool: Pool) -> object:
    sample = pool.take("training")
    assert sample is not None
    pool.give_back(sample)
    return sample
