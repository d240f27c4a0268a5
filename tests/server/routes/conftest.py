"""The routes are asked on SQLite and on Postgres."""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import trainvitals_migrations
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.tables import Base

sys.path.insert(0, str(Path(__file__).parents[2] / "postgres"))

from postgres_cluster import shared_cluster


@functools.cache
def postgres_url() -> str:
    """The URL of one migrated database that all these tests share: emptying it is quicker than a new one."""
    url = shared_cluster().new_database()
    engine = open_engine(url)
    trainvitals_migrations.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'runs.db'}")
        trainvitals_migrations.upgrade(engine)
        yield engine
        engine.dispose()
    else:
        engine = open_engine(postgres_url())
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(table.delete())
        yield engine
        engine.dispose()
