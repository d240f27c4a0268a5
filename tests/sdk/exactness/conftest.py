"""Real trainings, each run once, seen by the SDK and by hooks of our own."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from training import TRAININGS, Record, record

recorded = cache(record)


@pytest.fixture(scope="session", autouse=True)
def _faults_are_raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINVITALS_ON_FAULT", "raise")
        patch.setenv("TRAINVITALS_DIR", str(tmp_path_factory.mktemp("spool")))
        yield


@pytest.fixture(params=sorted(TRAININGS))
def seen(request: pytest.FixtureRequest) -> Record:
    """Each of the trainings in turn."""
    return recorded(request.param)


@pytest.fixture
def training(request: pytest.FixtureRequest) -> Record:
    """The training that a test names with `indirect`."""
    return recorded(request.param)
