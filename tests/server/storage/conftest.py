"""A migrated database, a store and a reader for each test, on SQLite and on Postgres."""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import trainvitals_migrations
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Base

sys.path.insert(0, str(Path(__file__).parents[2] / "postgres"))
sys.path.insert(0, str(Path(__file__).parent))

from postgres_cluster import shared_cluster
from still_clock import Clock

DATABASES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@functools.cache
def postgres_url() -> str:
    """The URL of a migrated Postgres database, made once: a database a test would cost half a second each."""
    url = shared_cluster().new_database()
    migrate(url)
    return url


def migrate(url: str) -> None:
    engine = open_engine(url)
    trainvitals_migrations.upgrade(engine)
    engine.dispose()


def empty(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(table.delete())
    engine.dispose()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
        migrate(url)
        return url
    empty(postgres_url())
    return postgres_url()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url, synchronous="NORMAL")
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(engine: Engine, clock: Clock) -> Iterator[Store]:
    store = Store(engine, clock=clock)
    store.start()
    yield store
    store.close()


@pytest.fixture
def reader(store: Store) -> StorageReader:
    return StorageReader(store, lambda run_id: f"http://here/runs/{run_id}")
