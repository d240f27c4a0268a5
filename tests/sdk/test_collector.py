"""The collector: whatever is written in whatever order, the last write of a series and step is told last."""

import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from trainvitals.collector import INBOX_ROWS_MAX, Collector

KEYS = [("loss",), ("loss", "accuracy"), ("accuracy",), ("loss", "other")]
writes = st.lists(
    st.one_of(st.tuples(st.sampled_from(KEYS), st.integers(0, 4)), st.just("take")), min_size=1, max_size=30
)


@given(writes)
def test_the_last_write_wins_and_each_replaced_value_is_counted_once(found: list[object]) -> None:
    dropped: Counter[str] = Counter()
    collector = Collector(lambda reason, count: dropped.update({reason: count}))
    expected: dict[tuple[str, int], float] = {}
    told: dict[tuple[str, int], float] = {}
    sent = logged = 0

    def take() -> int:
        cells = 0
        for frame in collector.take().frames:
            for step, row in zip(frame.steps.tolist(), frame.values.tolist(), strict=True):
                told.update({(key, step): value for key, value in zip(frame.keys, row, strict=True)})
                cells += len(row)
        return cells

    for number, write in enumerate(found):
        if write == "take":
            sent += take()
            continue
        keys, step = write  # type: ignore[misc]
        collector.metrics(keys, step, 0.0, [float(number)] * len(keys))
        expected.update({(key, step): float(number) for key in keys})
        logged += len(keys)
    sent += take()
    assert told == expected
    # What reaches the server twice is counted there.
    assert dropped["replaced"] == logged - sent


def test_logs_in_the_usual_order_make_one_frame_for_each_list_of_keys() -> None:
    collector = Collector(lambda reason, count: None)
    for step in range(100):
        collector.metrics(("loss",), step, 0.0, [1.0])
        if step % 10 == 0:
            collector.metrics(("loss", "val"), step, 0.0, [1.0, 2.0])
        collector.metrics(("accuracy",), step, 0.0, [1.0])
    assert len(collector.take().frames) <= 12


def test_threads_write_while_a_report_is_taken_and_nothing_is_lost() -> None:
    collector, writes = Collector(lambda reason, count: None), 20 * INBOX_ROWS_MAX

    def write(key: str) -> None:
        for step in range(writes):
            collector.metrics((key,), step, 0.0, [float(step)])

    threads = [threading.Thread(target=write, args=(key,)) for key in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    told: dict[str, list[float]] = {"a": [], "b": [], "c": []}
    while any(thread.is_alive() for thread in threads):
        for frame in collector.take().frames:
            told[frame.keys[0]].extend(frame.values[:, 0].tolist())
    for frame in collector.take().frames:
        told[frame.keys[0]].extend(frame.values[:, 0].tolist())
    assert told == {key: [float(step) for step in range(writes)] for key in told}


def test_writes_do_not_pile_up_in_the_inbox_where_nobody_takes_them() -> None:
    collector = Collector(lambda reason, count: None)
    for step in range(10 * INBOX_ROWS_MAX):
        collector.metrics(("loss",), step, 0.0, [1.0])
    assert len(collector._inbox) <= INBOX_ROWS_MAX and collector.last_step is not None
