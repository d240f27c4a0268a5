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

sys.path.insert(0, str(Path(__file__).parents[2] / "postgres"))
sys.path.insert(0, str(Path(__file__).parent))

from postgres_cluster import shared_cluster

DATABASES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@functools.cache
def migrated_template() -> str:
    """The name of a migrated Postgres database to copy: quicker than to migrate for each test."""
    url = shared_cluster().new_database()
    engine = open_engine(url)
    trainvitals_migrations.upgrade(engine)
    engine.dispose()
    return url.rpartition("/")[2]


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
        engine = open_engine(url)
        trainvitals_migrations.upgrade(engine)
        engine.dispose()
        yield url
    else:
        url = shared_cluster().new_database(migrated_template())
        yield url
        shared_cluster().drop_database(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url, synchronous="NORMAL")
    yield engine
    engine.dispose()


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


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
