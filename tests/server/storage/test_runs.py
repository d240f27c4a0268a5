"""The life of a run: created, resumed, changed, silent, back, deleted."""

import threading

import numpy as np
import pytest
from report_sender import Sender, frame
from sqlalchemy import Engine, func, select
from still_clock import Clock

from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.errors import RunExists, RunNotFound, StorageError
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Base
from trainvitals_server.upkeep.slices import Slices
from trainvitals_server.upkeep.sweeper import Sweeper
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.reader import NotFound

LAYER = {"name": "a", "type": "Linear", "order": 0, "output_shape": None, "parameters": []}


def test_a_new_run_shows_what_it_was_given(store: Store, reader: StorageReader) -> None:
    new = NewRun("digits", "cnn", {"lr": 0.1}, ("b", "a", "b"), "sweep", "try", {"python": "3.11"}, id="mine")
    created = store.create_run(new)
    run = reader.run("mine")
    assert (created.id, created.next_sequence, created.next_step) == ("mine", 1, 0)
    assert (run["project"], run["name"], run["config"], run["group"]) == ("digits", "cnn", {"lr": 0.1}, "sweep")
    assert (run["tags"], run["notes"], run["environment"]) == (["b", "a"], "try", {"python": "3.11"})
    assert (run["status"], run["last_step"], run["summary"], run["error"]) == ("running", None, {}, None)
    assert (run["warnings"], run["dropped"]) == ({"critical": 0, "warning": 0, "note": 0}, {})
    assert (run["url"], run["created_at"]) == ("http://here/runs/mine", 1_700_000_000.0)


def test_ids_sort_by_the_time_they_were_made(store: Store, clock: Clock) -> None:
    ids = []
    for _ in range(3):
        ids.append(store.create_run(NewRun("project", "name")).id)
        clock.now += 1
    assert ids == sorted(ids)
    assert all(len(identity) == 32 and identity[12] == "7" for identity in ids)


def test_resume_goes_on_after_the_last_step_with_a_writer_of_its_own(store: Store, reader: StorageReader) -> None:
    sender = Sender(store, NewRun("project", "name", {"lr": 0.1, "width": 3}))
    sender.log([0, 9], loss=[1.0, 0.5])
    store.set_status(sender.run_id, "failed", {"type": "E", "message": "", "traceback": ""})
    again = store.create_run(NewRun("project", "name", {"lr": 0.2}, id=sender.run_id, resume="allow"))
    run = reader.run(sender.run_id)
    assert (again.next_step, again.next_sequence) == (10, 1)
    assert again.writer_id != sender.created.writer_id
    assert (run["status"], run["error"], run["finished_at"]) == ("running", None, None)
    assert run["config"] == {"lr": 0.2, "width": 3}


def test_never_refuses_a_run_that_exists_and_must_one_that_does_not(store: Store) -> None:
    store.create_run(NewRun("project", "name", id="mine"))
    with pytest.raises(RunExists, match="mine"):
        store.create_run(NewRun("project", "name", id="mine"))
    with pytest.raises(RunNotFound, match="other"):
        store.create_run(NewRun("project", "name", id="other", resume="must"))
    assert store.create_run(NewRun("project", "name", id="other", resume="allow")).id == "other"


def test_of_several_who_create_one_run_at_once_only_one_may(store: Store) -> None:
    outcomes: list[str] = []
    ready = threading.Barrier(4)

    def create() -> None:
        ready.wait()
        try:
            outcomes.append(store.create_run(NewRun("project", "name", id="mine")).id)
        except RunExists:
            outcomes.append("exists")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["exists", "exists", "exists", "mine"]


def test_a_patch_changes_what_it_names_and_merges_the_summary(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[2.0, 1.0], accuracy=[0.5, 0.6])
    store.patch_run(sender.run_id, {"summary": {"best": 1}, "tags": ["x"], "unknown": 1})
    store.patch_run(sender.run_id, {"summary": {"loss": 7}, "name": "<b>new</b>", "archived": True, "pinned": True})
    run = reader.run(sender.run_id)
    assert run["summary"] == {"loss": 7, "accuracy": {"last": 0.6, "min": 0.5, "max": 0.6}, "best": 1}
    assert (run["name"], run["tags"], run["archived"], run["pinned"]) == ("<b>new</b>", ["x"], True, True)


def test_the_end_of_a_run_has_its_time_and_its_error(store: Store, reader: StorageReader, clock: Clock) -> None:
    sender = Sender(store)
    clock.now += 60
    error = {"type": "ValueError", "message": "no", "traceback": "..."}
    store.set_status(sender.run_id, "failed", error)
    run = reader.run(sender.run_id)
    assert (run["status"], run["error"], run["finished_at"]) == ("failed", error, clock.now)
    store.patch_run(sender.run_id, {"status": "running"})
    assert reader.run(sender.run_id)["finished_at"] is None


def test_an_unknown_status_is_refused(store: Store) -> None:
    sender = Sender(store)
    with pytest.raises(StorageError, match="sleeping"):
        store.patch_run(sender.run_id, {"status": "sleeping"})


def test_the_summary_keeps_last_least_and_greatest_of_each_metric(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1, 2], loss=[3.0, float("nan"), 2.0])
    sender.log([1], loss=[5.0])
    sender.send(frame({"activation_std/a": [9.0], "overhead_fraction": [0.25]}, [2]))
    assert reader.run(sender.run_id)["summary"] == {"loss": {"last": 2.0, "min": 2.0, "max": 5.0}}
    sender.log([3], loss=[float("inf")])
    assert reader.run(sender.run_id)["summary"] == {"loss": {"last": None, "min": 2.0, "max": 5.0}}
    assert reader.run(sender.run_id)["overhead_fraction"] == 0.25


def test_dropped_sums_over_writers_and_capture_takes_the_newest(
    store: Store, reader: StorageReader, clock: Clock
) -> None:
    first = Sender(store)
    clock.now += 1
    second = Sender(store, NewRun("project", "name", id=first.run_id, resume="must"))
    late = first.report(dropped={"queue_full": 1}, capture={"interval": 1})
    first.send(dropped={"queue_full": 2, "bad_step": 1}, capture={"interval": 5, "samples": 1024})
    first.resend(late)
    second.send(dropped={"queue_full": 5}, capture={"interval": 7})
    run = reader.run(first.run_id)
    assert run["dropped"] == {"queue_full": 7, "bad_step": 1}
    assert run["capture"] == {"interval": 7, "samples": 1024}


def test_a_silent_run_is_stale_then_crashed_and_data_brings_it_back(
    store: Store, reader: StorageReader, clock: Clock
) -> None:
    sender, done = Sender(store), Sender(store)
    store.set_status(done.run_id, "finished")
    assert store.mark_silent() == []
    clock.now += 16
    assert store.silent_runs(15) == [sender.run_id]
    assert store.mark_silent() == [(sender.run_id, "stale")]
    assert store.mark_silent() == []
    store.heartbeat(sender.run_id, last_step=41, queued=3)
    assert (reader.run(sender.run_id)["status"], reader.run(sender.run_id)["last_step"]) == ("running", 41)
    clock.now += 301
    assert store.mark_silent() == [(sender.run_id, "crashed")]
    sender.log([42], loss=[1.0])
    assert reader.run(sender.run_id)["status"] == "running"
    assert reader.run(done.run_id)["status"] == "finished"


def test_late_data_leaves_a_finished_run_finished(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    store.set_status(sender.run_id, "finished")
    sender.log([0], loss=[1.0])
    store.heartbeat(sender.run_id, last_step=0, queued=0)
    assert reader.run(sender.run_id)["status"] == "finished"


def test_a_deleted_run_leaves_nothing_in_any_table(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store, NewRun("project", "name", tags=("a",)))
    histogram = Histogram.of("weight/w", 0, 0.0, np.zeros(3, np.float32))
    sender.send(
        frame({"loss": [1.0]}, [0]), histograms=(histogram,), layers=(LAYER,), facts=({"kind": "x", "step": 0},)
    )
    store.add_alert(sender.run_id, "look")
    warning = {"id": "w", "rule": "dead_units", "severity": "note", "state": "firing", "first_step": 0, "warnings": []}
    rule = {"rule": "dead_units", "state": "quiet", "why": ""}
    store.replace_warnings(sender.run_id, {"warnings": [warning], "incidents": [dict(warning)], "rules": [rule]})  # type: ignore[list-item]
    store.add_mute(sender.run_id, "activation_std", "*", "on purpose")
    assert filled(engine) >= {
        "alert",
        "columns",
        "fact",
        "frame",
        "histogram",
        "layers",
        "mute",
        "run",
        "tag",
        "warning",
    }
    store.delete_run(sender.run_id)
    Sweeper(engine).sweep(Slices(lambda _: False))
    assert filled(engine) == set()
    with pytest.raises(NotFound):
        reader.run(sender.run_id)
    with pytest.raises(RunNotFound):
        store.append(sender.run_id, b"")


def filled(engine: Engine) -> set[str]:
    """The tables that have rows."""
    with engine.connect() as connection:
        return {
            table.name
            for table in Base.metadata.sorted_tables
            if connection.execute(select(func.count()).select_from(table)).scalar_one()
        }


@pytest.mark.parametrize("act", ["patch", "delete", "heartbeat", "status", "warnings", "alert", "position", "since"])
def test_every_method_says_so_where_there_is_no_run(store: Store, act: str) -> None:
    calls = {
        "patch": lambda: store.patch_run("nobody", {"name": "x"}),
        "delete": lambda: store.delete_run("nobody"),
        "heartbeat": lambda: store.heartbeat("nobody", 1, 0),
        "status": lambda: store.set_status("nobody", "finished"),
        "warnings": lambda: store.replace_warnings("nobody", {"warnings": [], "incidents": []}),
        "alert": lambda: store.add_alert("nobody", "title"),
        "position": lambda: store.position("nobody"),
        "since": lambda: store.since("nobody", 0, ["loss"]),
    }
    with pytest.raises(RunNotFound, match="nobody"):
        calls[act]()


def test_nan_and_odd_text_in_a_config_are_stored_as_json_can(store: Store, reader: StorageReader) -> None:
    created = store.create_run(NewRun("p\x00", "name\ud800", {"lr": float("nan"), "é": ["\x00", float("inf")]}))
    run = reader.run(created.id)
    assert run["config"] == {"lr": None, "é": ["\ufffd", None]}
    assert (run["project"], run["name"]) == ("p\ufffd", "name\ufffd")


def test_headlines_are_those_of_the_runs_that_are_there(store: Store) -> None:
    for run_id in ("a", "b"):
        store.create_run(NewRun("p", "n", id=run_id))
    store.heartbeat("b", 7, 0)
    found = store.headlines(["b", "nobody"])
    assert list(found) == ["b"]
    assert (found["b"]["status"], found["b"]["last_step"]) == ("running", 7)
    assert found["b"]["warnings"] == {"critical": 0, "warning": 0, "note": 0}
    assert store.headlines([]) == {}


def test_the_first_failure_of_several_processes_stands(store: Store, reader: StorageReader) -> None:
    run_id = store.create_run(NewRun("project", "name")).id
    first = {"type": "ValueError", "message": "the root", "traceback": ""}
    store.patch_run(run_id, {"status": "failed", "error": first})
    store.patch_run(run_id, {"status": "failed", "error": {**first, "message": "connection closed by peer"}})
    store.patch_run(run_id, {"status": "aborted", "summary": {"best": 1.0}})
    run = reader.run(run_id)
    assert (run["status"], run["error"], run["summary"]["best"]) == ("failed", first, 1.0)
    store.create_run(NewRun("project", "name", id=run_id, resume="must"))
    store.patch_run(run_id, {"status": "aborted"})
    assert reader.run(run_id)["status"] == "aborted"
