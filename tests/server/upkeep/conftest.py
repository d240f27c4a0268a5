"""The databases and stores of the storage tests, and work that is never interrupted."""

import importlib.util
import sys
from pathlib import Path

import pytest

from trainvitals_server.upkeep.slices import Slices

STORAGE = Path(__file__).parents[1] / "storage"
sys.path.insert(0, str(STORAGE))

_spec = importlib.util.spec_from_file_location("storage_fixtures", STORAGE / "conftest.py")
assert _spec is not None and _spec.loader is not None
_fixtures = sys.modules.setdefault("storage_fixtures", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(_fixtures)

database_url, engine, clock, store, reader = (
    _fixtures.database_url,
    _fixtures.engine,
    _fixtures.clock,
    _fixtures.store,
    _fixtures.reader,
)


@pytest.fixture
def slices() -> Slices:
    return Slices(lambda _: False)
