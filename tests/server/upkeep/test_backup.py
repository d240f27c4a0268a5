"""A backup holds what was acknowledged before it, and its way back refuses to harm anything."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from postgres_cluster import shared_cluster
from report_sender import Sender, frame
from sqlalchemy import Engine, text

from trainvitals_migrations import current, head, upgrade
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.storage.store import Store
from trainvitals_server.upkeep import postgres_copy
from trainvitals_server.upkeep.backup import backup, restore
from trainvitals_server.upkeep.errors import CannotCopy
from trainvitals_server.upkeep.verification import verify

NewUrl = Callable[[], str]


@pytest.fixture
def fresh(database_url: str, tmp_path: Path) -> Iterator[NewUrl]:
    """Gives the URLs of databases that are not there yet, or empty."""
    made: list[str] = []

    def url() -> str:
        sqlite = database_url.startswith("sqlite")
        made.append(f"sqlite:///{tmp_path}/fresh{len(made)}.db" if sqlite else shared_cluster().new_database())
        return made[-1]

    yield url
    for found in made:
        if not found.startswith("sqlite"):
            shared_cluster().drop_database(found)


def read(url: str, run_id: str) -> tuple[list[float], str]:
    """The losses of a run, and its epoch."""
    engine = open_engine(url)
    store = Store(engine)
    values = [
        value for report in store.reports(run_id) for part in report.frames for value in part.values[:, 0].tolist()
    ]
    epoch = store.position(run_id).epoch
    engine.dispose()
    return values, epoch


def test_a_restored_run_is_the_same_but_for_its_epoch(
    store: Store, database_url: str, fresh: NewUrl, tmp_path: Path
) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[2.0, 1.0])
    backup(database_url, tmp_path / "copy")
    sender.log([2], loss=[0.5])
    target = fresh()
    restore(tmp_path / "copy", target, upgrade)
    values, epoch = read(target, sender.run_id)
    assert values == [2.0, 1.0]
    assert epoch != store.position(sender.run_id).epoch
    assert verified(target) == []


def verified(url: str) -> list[str]:
    engine = open_engine(url)
    problems = verify(engine).problems
    engine.dispose()
    return problems


def test_a_copy_made_during_ingest_holds_all_that_was_acknowledged_before(
    store: Store, database_url: str, fresh: NewUrl, tmp_path: Path
) -> None:
    sender = Sender(store)
    sent, stop = [0], threading.Event()
    sender.log([0], loss=[0.0])

    def ingest() -> None:
        while not stop.is_set():
            sender.log([sent[0] + 1], loss=[0.0])
            sent[0] += 1

    thread = threading.Thread(target=ingest)
    thread.start()
    while sent[0] < 20:
        pass
    acknowledged = sent[0]
    backup(database_url, tmp_path / "copy")
    stop.set()
    thread.join()
    target = fresh()
    restore(tmp_path / "copy", target, upgrade)
    assert len(read(target, sender.run_id)[0]) > acknowledged
    assert verified(target) == []


def test_runs_that_are_there_are_replaced_only_when_that_is_said(
    store: Store, database_url: str, fresh: NewUrl, tmp_path: Path
) -> None:
    old = Sender(store)
    old.log([0], loss=[1.0])
    backup(database_url, tmp_path / "copy")
    target = fresh()
    restore(tmp_path / "copy", target, upgrade)
    before = read(target, old.run_id)
    with pytest.raises(CannotCopy, match="overwrite"):
        restore(tmp_path / "copy", target, upgrade)
    assert read(target, old.run_id) == before
    restore(tmp_path / "copy", target, upgrade, overwrite=True)
    assert read(target, old.run_id)[0] == [1.0]


def test_a_backup_of_a_newer_version_is_refused(
    store: Store, engine: Engine, database_url: str, fresh: NewUrl, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        backup(database_url, tmp_path / "copy")
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{head()}'"))
    with pytest.raises(DatabaseUnusable, match="newer trainvitals"):
        restore(tmp_path / "copy", fresh(), upgrade)


def test_a_file_that_is_no_backup_is_refused(database_url: str, fresh: NewUrl, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("hello")
    with pytest.raises(CannotCopy, match="is not a backup"):
        restore(tmp_path / "copy", fresh(), upgrade)
    with pytest.raises(CannotCopy, match="cannot be read"):
        restore(tmp_path / "nothing", fresh(), upgrade)


def test_a_damaged_backup_leaves_what_is_there(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "copy"
    run_id = filled(url)
    backup(url, copy)
    before = (tmp_path / "a.db").read_bytes()
    body = bytearray(copy.read_bytes())
    body[8192:12288] = b"\xff" * 4096
    copy.write_bytes(body)
    with pytest.raises(CannotCopy, match=r"integrity check|malformed"):
        restore(copy, url, upgrade, overwrite=True)
    assert (tmp_path / "a.db").read_bytes() == before
    assert read(url, run_id)[0] == [1.0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "copy"]


def test_damage_is_not_copied_into_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainvitals_server.storage.sqlite_file.QUICK_CHECK_BYTES_MAX", 0)
    file, copy = tmp_path / "a.db", tmp_path / "copy"
    filled(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'frame'").fetchall()
    body = bytearray(file.read_bytes())
    body[4096 * (page - 1) : 4096 * page] = b"\xff" * 4096
    file.write_bytes(body)
    with pytest.raises(CannotCopy, match="so would its backup be"):
        backup(f"sqlite:///{file}", copy)
    assert sorted(path.name for path in tmp_path.glob("copy*")) == []


def filled(url: str) -> str:
    """A database with one run of one number; its identifier."""
    engine = open_engine(url)
    upgrade(engine)
    store = Store(engine)
    store.start()
    sender = Sender(store)
    sender.send(frame({"loss": [1.0]}, [0]))
    store.close()
    engine.dispose()
    return sender.run_id


def test_a_database_that_a_server_uses_is_not_replaced(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    filled(url)
    backup(url, tmp_path / "copy")
    server = open_engine(url)
    with server.connect() as connection:
        connection.execute(text("SELECT * FROM run")).all()
        with pytest.raises(CannotCopy, match="in use"):
            restore(tmp_path / "copy", url, upgrade, overwrite=True)
    server.dispose()


def test_a_restored_file_can_give_space_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    filled(url)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        # As an earlier version made it.
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute("VACUUM")
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    backup(url, tmp_path / "copy")
    restore(tmp_path / "copy", f"sqlite:///{tmp_path / 'b.db'}", upgrade)
    engine = open_engine(f"sqlite:///{tmp_path / 'b.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == 2
    assert current(engine) == head()
    engine.dispose()


def test_without_pg_dump_it_is_said_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_copy.shutil, "which", lambda _: None)
    with pytest.raises(
        CannotCopy, match=r"pg_dump is not installed.*pg_dump --dbname=postgresql://me@here/runs"
    ) as error:
        backup("postgresql://me:secret@here/runs", tmp_path / "copy")
    assert "secret" not in str(error.value)


def test_a_database_that_is_not_there_is_not_made_by_a_backup(tmp_path: Path) -> None:
    with pytest.raises(CannotCopy, match="there is no file"):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
