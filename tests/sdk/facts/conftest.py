"""A lesson for each test: a watched run that trains on batches the test knows."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

sys.path.insert(0, str(Path(__file__).parent))

from lesson import Lesson


@pytest.fixture(autouse=True)
def same_numbers() -> Iterator[None]:
    torch.manual_seed(11)
    yield


@pytest.fixture
def lesson(run: tv.Run, transport: MemoryTransport, settle: Callable[[], None]) -> Lesson:
    return Lesson(run, transport, settle)
