"""What is too old goes, and nothing else."""

import numpy as np
import pytest
from report_sender import Sender, frame
from still_clock import Clock

from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.upkeep import thinning
from trainvitals_server.upkeep.retention import DAY_SECONDS, Retention
from trainvitals_server.upkeep.slices import Slices
from trainvitals_server.upkeep.thinning import KEPT_MAX
from trainvitals_server.upkeep.upkeep import RETENTION_SECONDS, Upkeep
from trainvitals_wire.histogram import Histogram


def archived(store: Store) -> str:
    sender = Sender(store)
    store.patch_run(sender.run_id, {"archived": True})
    return sender.run_id


def runs(reader: StorageReader) -> set[str]:
    return {run["id"] for archived in (False, True) for run in reader.runs(archived=archived)["runs"]}


def test_runs_archived_long_enough_go(store: Store, reader: StorageReader, clock: Clock, slices: Slices) -> None:
    old, back, kept = archived(store), archived(store), Sender(store).run_id
    clock.now += 6 * DAY_SECONDS
    store.patch_run(back, {"archived": False})
    young = archived(store)
    store.patch_run(old, {"archived": True, "notes": "said again: counts from the first time"})
    clock.now += 5 * DAY_SECONDS
    Retention(store, None, 10).apply(slices)
    assert runs(reader) == {back, kept, young}
    assert old not in runs(reader)


def test_without_settings_nothing_goes(store: Store, reader: StorageReader, clock: Clock) -> None:
    old = archived(store)
    clock.now += 1e9
    Upkeep(store).look()
    assert runs(reader) == {old}


def test_it_is_looked_at_once_an_hour(store: Store, reader: StorageReader, clock: Clock) -> None:
    old, now = archived(store), [0.0]
    upkeep = Upkeep(store, delete_archived_after_days=1, clock=lambda: now[0])
    upkeep.look()
    clock.now += 2 * DAY_SECONDS
    upkeep.look()
    assert runs(reader) == {old}
    now[0] += RETENTION_SECONDS
    upkeep.look()
    assert runs(reader) == set()


def histogram(step: int, edges: bool = False) -> Histogram:
    values = np.random.default_rng(step).normal(size=50).astype(np.float32)
    if not edges:
        return Histogram.of("weight/w", step, float(step), values)
    counts, bounds = np.histogram(values, 8)
    return Histogram("mine", step, float(step), np.arange(8, dtype=np.uint16), counts.astype(np.uint64), 0, bounds)


def test_thinned_histograms_lose_no_count(store: Store, reader: StorageReader, clock: Clock, slices: Slices) -> None:
    sender = Sender(store)
    steps = KEPT_MAX * 5
    sender.send(
        frame({"loss": [0.0] * steps}, range(steps)),
        histograms=tuple(entry for step in range(steps) for entry in (histogram(step), histogram(step, edges=True))),
    )
    before = reader.histograms(sender.run_id, "weight/w", columns=1)
    Retention(store, 7, None).apply(slices)
    assert len(reader.histograms(sender.run_id, "weight/w", columns=1000)["steps"]) == steps
    clock.now += 8 * DAY_SECONDS
    Retention(store, 7, None).apply(slices)
    after = reader.histograms(sender.run_id, "weight/w", columns=1000)
    assert len(after["steps"]) == KEPT_MAX
    together = reader.histograms(sender.run_id, "weight/w", columns=1)
    assert (together["counts"], together["edges"]) == (before["counts"], before["edges"])
    assert np.diff(after["steps"]).max() <= 16
    assert len(reader.data(sender.run_id, ["loss"], points=steps)["series"][0]["mean"]) == steps


def own(step: int, edges: list[float]) -> Histogram:
    buckets = np.arange(len(edges) - 1, dtype=np.uint16)
    return Histogram("mine", step, float(step), buckets, np.full(len(buckets), 3, np.uint64), 1, np.array(edges))


def test_histograms_with_equal_edges_of_the_user_are_thinned_exactly(
    store: Store, reader: StorageReader, clock: Clock, slices: Slices
) -> None:
    sender, steps = Sender(store), KEPT_MAX * 2
    sender.send(histograms=tuple(own(step, [0.0, 1.0, 10.0]) for step in range(steps)))
    clock.now += 8 * DAY_SECONDS
    Retention(store, 7, None).apply(slices)
    answer = reader.histograms(sender.run_id, "mine", columns=1000)
    assert answer["edges"] == [0.0, 1.0, 10.0]
    assert len(answer["steps"]) == KEPT_MAX
    assert (np.sum(answer["counts"], axis=0).tolist(), sum(answer["nonfinite"])) == ([3 * steps] * 2, steps)


def test_histograms_with_edges_that_differ_are_thinned_without_losing_a_count(
    store: Store, reader: StorageReader, clock: Clock, slices: Slices
) -> None:
    sender, steps = Sender(store), KEPT_MAX * 2
    sender.send(histograms=tuple(own(step, [0.0, 1.0 + step, 400.0]) for step in range(steps)))
    clock.now += 8 * DAY_SECONDS
    Retention(store, 7, None).apply(slices)
    answer = reader.histograms(sender.run_id, "mine", columns=1000)
    assert (len(answer["steps"]), np.sum(answer["counts"])) == (KEPT_MAX, 2 * 3 * steps)
    assert (answer["edges"][0], answer["edges"][-1]) == (0.0, 400.0)


@pytest.mark.parametrize("rows", [1, 3, 64])
def test_what_is_left_is_spread_evenly_however_small_the_slices(
    store: Store, reader: StorageReader, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(thinning, "KEPT_MAX", 10)
    sender = Sender(store)
    sender.send(histograms=tuple(histogram(step) for step in range(80)))
    more = True
    while more:
        with writing(store.engine).begin() as connection:
            more = thinning.merge_some(connection, sender.run_id, 0, rows)
    steps = reader.histograms(sender.run_id, "weight/w", columns=1000)["steps"]
    assert len(steps) == 10
    assert np.diff([-1, *steps]).max() <= 16
