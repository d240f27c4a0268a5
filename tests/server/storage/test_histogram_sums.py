"""Histogram windows are what adding up a dictionary gives, whatever is added up already."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_sender import Sender
from sqlalchemy import Engine, func, select

from trainvitals_server.storage import histogram_sums, histogram_window
from trainvitals_server.storage.histogram_sums import add_up
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import HistogramSum
from trainvitals_wire.histogram import EDGES, Histogram

SMALL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIRST_BUCKET = 300


@pytest.fixture(autouse=True)
def small_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """The structure of thousands of histograms in some thirty."""
    monkeypatch.setattr(histogram_sums, "FAN", 2)
    monkeypatch.setattr(histogram_sums, "LOGGED_MAX", 7)
    for module in (histogram_sums, histogram_window):
        monkeypatch.setattr(module, "WIDTHS", (2, 4))


def one(step: int, bucket: int, size: int) -> Histogram:
    values = np.array([bucket + FIRST_BUCKET], np.uint16), np.array([size], np.uint64)
    return Histogram("weight/w", step, 0.0, *values, nonfinite=bucket)


histogram = st.builds(one, st.integers(0, 40), st.integers(0, 3), st.integers(1, 2**40))
acts = st.lists(st.lists(histogram, min_size=1, max_size=12) | st.just("add up"), min_size=1, max_size=8)


def check(
    reader: StorageReader, run_id: str, twin: dict[int, Histogram], window: tuple[int, int], columns: int
) -> None:
    first, last = window
    answer = reader.histograms(run_id, "weight/w", first_step=first, last_step=last, columns=columns)
    steps = sorted(step for step in twin if first <= step <= last)
    assert len(answer["steps"]) <= columns
    assert answer["steps"][:1] == steps[:1]
    if len(steps) <= columns:
        assert answer["steps"] == steps
    else:
        assert len(answer["steps"]) > columns / 4 - 1
    low = int(np.searchsorted(EDGES, answer["edges"][0]))
    bounds = [*answer["steps"], last + 1]
    for number, counts in enumerate(answer["counts"]):
        group = [twin[step] for step in steps if bounds[number] <= step < bounds[number + 1]]
        expected: Counter[int] = Counter()
        for each in group:
            expected[int(each.buckets[0])] += int(each.counts[0])
        assert {low + place: count for place, count in enumerate(counts) if count} == dict(expected)
        assert answer["nonfinite"][number] == sum(each.nonfinite for each in group)


@given(acts=acts, window=st.tuples(st.integers(0, 20), st.integers(20, 41)), columns=st.integers(1, 10))
@SMALL
def test_windows_are_sums_of_what_was_logged_last(
    store: Store, reader: StorageReader, acts: list[list[Histogram] | str], window: tuple[int, int], columns: int
) -> None:
    sender = Sender(store)
    twin: dict[int, Histogram] = {}
    for act in acts:
        if isinstance(act, str):
            add_up(store.engine, sender.run_id)
        else:
            sender.send(histograms=tuple(act))
            twin |= {each.step: each for each in act}
        if twin:
            check(reader, sender.run_id, twin, window, columns)


def test_long_windows_are_read_from_sums(store: Store, reader: StorageReader, engine: Engine) -> None:
    sender = Sender(store)
    sender.send(histograms=tuple(one(step, 0, 1) for step in range(33)))
    add_up(engine, sender.run_id)
    with engine.connect() as connection:
        levels = connection.execute(
            select(HistogramSum.width, func.count(), func.sum(HistogramSum.size)).group_by(HistogramSum.width)
        )
        assert sorted(map(tuple, levels)) == [(2, 16, 32), (4, 8, 32)]
        (series_id,) = connection.execute(select(HistogramSum.series_id).distinct()).scalars()
        parts = histogram_window.histogram_window(connection, sender.run_id, series_id, (1, 32), 4)
    assert [part.size for part in parts] == [1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 1]


def test_the_users_own_edges_are_left_as_they_are(store: Store, reader: StorageReader, engine: Engine) -> None:
    sender = Sender(store)
    edges = np.array([0.0, 1.0, 2.0])
    own = [
        Histogram("mine", step, 0.0, np.array([0], np.uint16), np.array([3], np.uint64), 0, edges) for step in range(8)
    ]
    sender.send(histograms=tuple(own))
    add_up(engine, sender.run_id)
    answer = reader.histograms(sender.run_id, "mine", columns=2)
    assert (answer["steps"], answer["counts"], answer["edges"]) == ([0, 4], [[12], [12]], [0.0, 1.0])


def test_a_late_histogram_stands_at_once_and_in_the_sums_after_the_next_pass(
    store: Store, reader: StorageReader, engine: Engine
) -> None:
    sender = Sender(store)
    twin = {step: one(step, 0, 1) for step in range(0, 32, 2)}
    sender.send(histograms=tuple(twin.values()))
    add_up(engine, sender.run_id)
    for late in (one(4, 1, 5), one(7, 2, 3), one(40, 3, 2), one(30, 0, 9)):
        twin[late.step] = late
        sender.send(histograms=(late,))
        check(reader, sender.run_id, twin, (0, 41), 2)
    add_up(engine, sender.run_id)
    check(reader, sender.run_id, twin, (0, 41), 2)
    with engine.connect() as connection:
        sizes = select(func.sum(HistogramSum.size)).where(HistogramSum.width == 2)
        assert connection.execute(sizes).scalar() == 17, "the last one waits for a neighbour"
