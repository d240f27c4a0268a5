"""Opening a database, and saying clearly why it cannot be used."""

import contextlib
import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from trainvitals_server.storage.engine import open_engine, writing
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.storage.sqlite_file import QUICK_CHECK_BYTES_MAX


def test_sqlite_waits_for_the_disk_and_for_other_writers(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new/folder/store.db")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000}


def test_synchronous_is_a_setting(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db", synchronous="NORMAL")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    engine.dispose()


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(DatabaseUnusable, match=r"store\.db cannot be used.*move it away"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == b"this is no database" * 1000


def test_a_damaged_file_is_found_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
        connection.exec_driver_sql("CREATE INDEX i ON t (x)")
        for n in range(200):
            connection.exec_driver_sql("INSERT INTO t VALUES (?)", (f"{n:0>200}",))
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    content = bytearray(path.read_bytes())
    assert len(content) < QUICK_CHECK_BYTES_MAX
    content[8192:16384] = bytes(8192)
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match="move it away"):
        open_engine(f"sqlite:///{path}")


def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="another program"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["notes.db"]


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    open_engine(f"sqlite:///{tmp_path}/store.db").dispose()


def test_what_may_not_be_written_asks_for_the_right_to(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with pytest.raises(DatabaseUnusable, match="writable"):
        open_engine(f"sqlite:///{tmp_path}/store.db")


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match="cannot be used"):
        open_engine(f"sqlite:///{tmp_path}/file/store.db")


def test_a_postgres_that_is_not_there_is_a_clear_error_without_the_password() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(DatabaseUnusable, match="Check that it runs") as caught:
        open_engine(f"postgresql://me:secret@127.0.0.1:{port}/nothing")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://here/x", "sqlite://", "sqlite:///:memory:", "", "pg//me:secret@here/x"]
)
def test_an_address_that_is_no_database_for_us_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="sqlite:///PATH") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_a_query_that_was_not_read_to_its_end_holds_back_nobody_on_its_connection(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1), (2), (3)")
    with engine.connect() as connection:
        abandoned = connection.execute(text("SELECT x FROM t"), execution_options={"yield_per": 1})
        assert next(iter(abandoned)).x == 1
        driver = connection.connection.dbapi_connection
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("INSERT INTO t VALUES (4)")
    other.close()
    with writing(engine).begin() as connection:
        assert connection.connection.dbapi_connection is driver
        assert connection.exec_driver_sql("SELECT max(x) FROM t").scalar() == 4
    engine.dispose()
