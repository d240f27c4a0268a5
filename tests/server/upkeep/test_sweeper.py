"""Deleted runs are gone at once, their rows in slices, their space in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_sender import Sender, frame
from sqlalchemy import Engine, func, select

from trainvitals_migrations import upgrade
from trainvitals_server.storage import deletion
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.engine import open_engine, writing
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Deletion, Frame
from trainvitals_server.upkeep.slices import SIZE_MAX, SLICE_SECONDS, Slices
from trainvitals_server.upkeep.sweeper import Sweeper
from trainvitals_wire.reader import NotFound


def frames(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Frame)).scalar_one()


def test_a_deleted_run_is_gone_before_its_rows_are(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store)
    for step in range(10):
        sender.log([step], loss=[0.0])
    store.delete_run(sender.run_id)
    with pytest.raises(NotFound):
        reader.run(sender.run_id)
    assert reader.runs()["total"] == 0
    assert frames(engine) == 10


def test_rows_go_in_slices_and_others_stay(store: Store, engine: Engine) -> None:
    gone, stays = Sender(store), Sender(store)
    for step in range(10):
        gone.log([step], loss=[0.0])
        stays.log([step], loss=[0.0])
    store.delete_run(gone.run_id)
    left = []
    with writing(engine).begin() as connection:
        while deletion.clear_slice(connection, gone.run_id, 4):
            left.append(connection.execute(select(func.count()).select_from(Frame)).scalar_one() - 10)
        assert connection.execute(select(Deletion.run_id)).all() == []
    assert left[-1] == 0
    assert max(before - after for before, after in zip([10, *left], left, strict=False)) <= 4
    assert frames(engine) == 10


def test_a_run_made_again_under_its_id_shows_nothing_of_the_old(store: Store, engine: Engine, slices: Slices) -> None:
    old = Sender(store, NewRun("project", "name", id="mine"))
    old.log([0, 1, 2], loss=[0.0, 1.0, 2.0])
    store.delete_run("mine")
    new = Sender(store, NewRun("project", "name", id="mine"))
    new.log([7], accuracy=[0.5])
    assert Sweeper(engine).sweep(slices) == 0
    reader = StorageReader(store, str)
    assert [(entry["key"], entry["count"]) for entry in reader.series("mine")] == [("accuracy", 1)]


def test_work_that_is_stopped_goes_on_later(store: Store, engine: Engine, slices: Slices) -> None:
    sender = Sender(store)
    for step in range(40):
        sender.log([step], loss=[0.0])
    store.delete_run(sender.run_id)
    Sweeper(engine).sweep(Slices(lambda _: True))
    assert 0 < frames(engine) < 40
    assert Sweeper(engine).sweep(slices) == 1
    assert frames(engine) == 0
    assert Sweeper(engine).sweep(slices) == 0


def test_a_file_shrinks_when_a_run_goes(tmp_path: Path, slices: Slices) -> None:
    path = tmp_path / "a.db"
    engine = open_engine(f"sqlite:///{path}", synchronous="NORMAL")
    upgrade(engine)
    store = Store(engine)
    store.start()
    sender = Sender(store)
    noise = np.random.default_rng(0).normal(size=(100, 2000))
    for number in range(4):
        sender.send(
            frame({f"s{n}": noise[:, n].tolist() for n in range(2000)}, range(100 * number, 100 * number + 100))
        )
    store.delete_run(sender.run_id)
    Sweeper(engine).sweep(slices)
    store.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
    engine.dispose()
    assert path.stat().st_size < 1_000_000


def test_slices_find_their_size_by_their_work_alone() -> None:
    now = [0.0]
    rests: list[float] = []
    sizes: list[int] = []

    @contextmanager
    def begin() -> Iterator[Any]:
        now[0] += 10.0
        yield None

    def work(_: object, size: int) -> bool:
        sizes.append(size)
        now[0] += size * SLICE_SECONDS / 100
        return len(sizes) < 30

    def pause(seconds: float) -> bool:
        rests.append(seconds)
        return False

    assert Slices(pause, lambda: now[0]).run(begin, work)
    assert all(50 <= size <= 128 for size in sizes[5:])
    assert all(rest >= size * SLICE_SECONDS / 100 - 1e-9 for rest, size in zip(rests, sizes, strict=False))
    assert max(sizes) <= SIZE_MAX
