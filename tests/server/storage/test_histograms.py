"""Histograms over time."""

import numpy as np
import pytest
from report_sender import Sender, frame

from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.histogram import EDGES, Histogram, bucket_of, count
from trainvitals_wire.reader import NotFound


def normal(seed: int, size: int = 200) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


def own(step: int, counts: list[int], edges: list[float]) -> Histogram:
    used = np.flatnonzero(counts)
    numbers = np.array(counts, np.uint64)[used]
    return Histogram("mine", step, 0.0, used.astype(np.uint16), numbers, 0, np.array(edges))


@pytest.fixture
def sender(store: Store) -> Sender:
    return Sender(store)


def test_columns_are_sums_over_the_range_of_used_buckets(sender: Sender, reader: StorageReader) -> None:
    values = [normal(step) for step in range(5)]
    for step, each in enumerate(values):
        sender.send(histograms=(Histogram.of("weight/w", 10 * step, 0.0, each),))
    answer = reader.histograms(sender.run_id, "weight/w", columns=3)
    expected = [count(np.concatenate(values[start : start + 2]))[0] for start in (0, 2, 4)]
    used = np.flatnonzero(np.sum(expected, axis=0))
    part = slice(used[0], used[-1] + 1)
    assert answer["steps"] == [0, 20, 40]
    assert answer["counts"] == [column[part].tolist() for column in expected]
    assert answer["edges"] == EDGES[used[0] : used[-1] + 2].tolist()
    assert answer["edges"][0] <= min(map(np.min, values)) and answer["edges"][-1] >= max(map(np.max, values))


def test_a_window_is_inclusive(sender: Sender, reader: StorageReader) -> None:
    for step in range(6):
        sender.send(histograms=(Histogram.of("weight/w", step, 0.0, normal(step)),))
    assert reader.histograms(sender.run_id, "weight/w", first_step=2, last_step=4)["steps"] == [2, 3, 4]
    empty = reader.histograms(sender.run_id, "weight/w", first_step=9)
    assert (empty["steps"], empty["counts"], empty["nonfinite"]) == ([], [], [])


def test_the_last_write_of_a_step_stands(sender: Sender, reader: StorageReader) -> None:
    for size in (7, 5):
        sender.send(histograms=(Histogram.of("weight/w", 3, 0.0, normal(1, size)),))
    answer = reader.histograms(sender.run_id, "weight/w")
    assert (answer["steps"], sum(answer["counts"][0])) == ([3], 5)


def test_nothing_but_nan_leaves_one_empty_bucket(sender: Sender, reader: StorageReader) -> None:
    sender.send(histograms=(Histogram.of("gradient/w", 0, 0.0, np.full(4, np.nan, np.float32)),))
    answer = reader.histograms(sender.run_id, "gradient/w")
    assert (answer["counts"], answer["nonfinite"], len(answer["edges"])) == ([[0]], [4], 2)


def test_histograms_of_the_user_keep_their_edges(sender: Sender, reader: StorageReader) -> None:
    sender.send(histograms=(own(0, [0, 2, 3], [0, 1, 2, 3]), own(1, [0, 5, 0], [0, 1, 2, 3])))
    answer = reader.histograms(sender.run_id, "mine")
    assert (answer["edges"], answer["counts"]) == ([1.0, 2.0, 3.0], [[2, 3], [5, 0]])


def test_edges_that_differ_become_common_and_keep_every_count(sender: Sender, reader: StorageReader) -> None:
    sender.send(histograms=(own(0, [4, 4], [0, 1, 2]), own(1, [8, 8], [0, 2, 4])))
    answer = reader.histograms(sender.run_id, "mine")
    assert [sum(column) for column in answer["counts"]] == [8, 16]
    assert (answer["edges"], answer["counts"]) == ([0.0, 2.0, 4.0], [[8, 0], [8, 8]])


def test_a_metric_and_a_histogram_may_share_a_name(sender: Sender, reader: StorageReader) -> None:
    sender.send(frame({"weight/x": [1.0]}, [0]), histograms=(Histogram.of("weight/x", 0, 0.0, normal(0, 3)),))
    assert sorted(entry["kind"] for entry in reader.series(sender.run_id)) == ["histogram", "metric"]
    assert sum(reader.histograms(sender.run_id, "weight/x")["counts"][0]) == 3
    assert reader.data(sender.run_id, ["weight/x"])["series"][0]["last"] == [1.0]


def test_an_unknown_key_is_named(sender: Sender, reader: StorageReader) -> None:
    sender.log([0], loss=[1.0])
    with pytest.raises(NotFound, match="'loss'") as caught:
        reader.histograms(sender.run_id, "loss")
    assert caught.value.code == "series_not_found"


def test_the_largest_values_land_in_the_outermost_buckets(sender: Sender, reader: StorageReader) -> None:
    values = np.array([-3e38, 3e38], np.float32)
    assert bucket_of(values).tolist() == [0, len(EDGES) - 2]
    sender.send(histograms=(Histogram.of("weight/w", 0, 0.0, values),))
    answer = reader.histograms(sender.run_id, "weight/w")
    assert (answer["counts"][0][0], answer["counts"][0][-1], len(answer["edges"])) == (1, 1, len(EDGES))
