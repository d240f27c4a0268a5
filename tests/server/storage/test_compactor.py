"""The thread that compacts: when, and how it steps back."""

import threading

import pytest
from report_sender import Sender
from sqlalchemy import Engine, func, select

from trainvitals_server.storage import compactor as module
from trainvitals_server.storage.compactor import Compactor
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Frame


def frames(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Frame)).scalar() or 0


def test_a_run_that_goes_on_keeps_its_newest_reports_as_frames(
    store: Store, engine: Engine, reader: StorageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOT_STEPS", 50)
    monkeypatch.setattr(module, "KEEP_REPORTS", 3)
    compactor, sender = Compactor(store), Sender(store)
    for first in range(0, 100, 10):
        sender.log(range(first, first + 10), loss=range(10))
    compactor.settle()
    assert frames(engine) == 3
    assert reader.data(sender.run_id, ["loss"])["series"][0]["steps"] == list(range(100))


def test_few_steps_are_left_alone(store: Store, engine: Engine) -> None:
    compactor, sender = Compactor(store), Sender(store)
    sender.log(range(100), loss=range(100))
    compactor.settle()
    assert frames(engine) == 1


def test_a_run_that_ended_is_compacted_wholly(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store)
    for first in range(0, 100, 10):
        sender.log(range(first, first + 10), loss=range(10))
    store.set_status(sender.run_id, "finished")
    Compactor(store).settle()
    assert frames(engine) == 0
    assert reader.data(sender.run_id, ["loss"])["series"][0]["steps"] == list(range(100))


def test_the_thread_hears_of_reports_and_stops_between_two_transactions(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOT_STEPS", 50)
    compacted, go_on = threading.Event(), threading.Event()

    def compact(*_: object, **options: object) -> int:
        compacted.set()
        go_on.wait(30)
        options["breathe"]()  # type: ignore[operator]
        raise AssertionError("it went on")

    monkeypatch.setattr(module, "compact", compact)
    compactor, sender = Compactor(store), Sender(store)
    compactor.start()
    sender.log(range(60), loss=range(60))
    assert compacted.wait(30)
    closing = threading.Thread(target=compactor.close)
    closing.start()
    compactor._stop.wait(30)
    go_on.set()
    closing.join(30)
    assert not closing.is_alive()


def test_a_run_that_cannot_be_compacted_is_told_and_the_others_are(
    store: Store, engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [Sender(store) for _ in range(2)]
    for sender in runs:
        sender.log(range(100), loss=range(100))
        store.set_status(sender.run_id, "crashed")
    real = module.compact

    def compact(engine: Engine, run_id: str, **options: object) -> int:
        if run_id == runs[0].run_id:
            raise OSError("no space")
        return real(engine, run_id, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "compact", compact)
    Compactor(store).settle()
    assert frames(engine) == 1
    assert f"run {runs[0].run_id} could not be compacted" in caplog.text


def test_a_run_that_grows_as_quickly_as_it_is_compacted_does_not_keep_others_waiting(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_REPORTS", 0)
    compactor, sender = Compactor(store), Sender(store)
    sender.log(range(10), loss=range(10))
    real = module.compact
    logged = iter(range(10, 10**6))

    def compact(engine: Engine, run_id: str, **options: object) -> int:
        sender.log([next(logged)], loss=[1.0])
        return real(engine, run_id, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "compact", compact)
    compactor.compact(sender.run_id)
    assert 0 < frames(engine) <= 2


def test_it_rests_after_a_slice_only_where_reports_come(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = [0.0], []

    class Stop:
        def wait(self, seconds: float) -> bool:
            rests.append(seconds)
            return False

    compactor, sender = Compactor(store, clock=lambda: now[0]), Sender(store)
    monkeypatch.setattr(compactor, "_stop", Stop())

    def slice_() -> None:
        now[0] += 0.01
        compactor._breathe()

    slice_()
    sender.log([0], loss=[1.0])
    slice_()
    slice_()
    monkeypatch.setattr(store, "queued", lambda: 1)
    slice_()
    assert rests == pytest.approx([0.0, 0.01 * module.BREATH_BETWEEN, 0.0, 0.01 * module.BREATH])
