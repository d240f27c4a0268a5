"""The migrated schema is that of the table classes, and any number of processes may migrate at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres_cluster import shared_cluster
from sqlalchemy import text

import trainvitals_migrations
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.tables import Base

PROCESSES = 4
MIGRATE = """
import sys, trainvitals_migrations
from trainvitals_server.storage.engine import open_engine
print("ready", flush=True)
sys.stdin.readline()
engine = open_engine(sys.argv[1])
trainvitals_migrations.upgrade(engine)
print(trainvitals_migrations.current(engine))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = shared_cluster().new_database()
        yield url
        shared_cluster().drop_database(url)


def test_migrating_an_empty_database_gives_the_table_classes(url: str) -> None:
    engine = open_engine(url)
    assert trainvitals_migrations.current(engine) is None
    trainvitals_migrations.upgrade(engine)
    assert trainvitals_migrations.current(engine) == trainvitals_migrations.head()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(url: str) -> None:
    engine = open_engine(url)
    trainvitals_migrations.upgrade(engine)
    trainvitals_migrations.upgrade(engine)
    assert trainvitals_migrations.current(engine) == trainvitals_migrations.head()
    engine.dispose()


def test_processes_that_start_at_once_all_succeed(url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in processes]
    assert answers == [(f"{trainvitals_migrations.head()}\n", "")] * PROCESSES


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str) -> None:
    engine = open_engine(url)
    trainvitals_migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"9999.*newer trainvitals"):
        trainvitals_migrations.upgrade(engine)
    assert trainvitals_migrations.current(engine) == "9999"
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no space")

    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fails)
    engine = open_engine(url)
    with pytest.raises(RuntimeError, match="no space"):
        trainvitals_migrations.upgrade(engine)
    monkeypatch.undo()
    assert trainvitals_migrations.current(engine) is None
    trainvitals_migrations.upgrade(engine)
    engine.dispose()


def test_a_database_where_another_program_has_a_table_of_that_name_is_left_as_it_is() -> None:
    engine = open_engine(shared_cluster().new_database())
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE run (miles integer)"))
    with pytest.raises(DatabaseUnusable, match="'run'"):
        trainvitals_migrations.upgrade(engine)
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    engine.dispose()
    assert tables == ["run"]
