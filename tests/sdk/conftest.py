"""What the SDK's tests share: a run on the in-memory transport whose guard raises what it catches."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
torch.set_num_threads(1)

Train = Callable[..., None]


@pytest.fixture(autouse=True)
def faults_are_raised(own_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRAINVITALS_ON_FAULT", "raise")
    monkeypatch.setenv("TRAINVITALS_DIR", str(tmp_path / "spool"))


@pytest.fixture
def transport() -> MemoryTransport:
    return MemoryTransport()


@pytest.fixture
def run(transport: MemoryTransport, faults_are_raised: None) -> Iterator[tv.Run]:
    made = tv.init(project="tests", transport=transport)
    yield made
    made.finish()


@pytest.fixture
def settle(run: tv.Run) -> Callable[[], None]:
    """Wait for the worker, so that the next step finds a free buffer set however busy the machine is."""

    def wait() -> None:
        for watch in run._watches:
            assert watch._worker.settle(30)

    return wait


@pytest.fixture
def train() -> Train:
    """`train(model, optimizer, criterion, inputs, targets, steps=3, run=None)`: plain steps, the loss logged."""

    def steps(
        model: nn.Module, optimizer: Any, criterion: Any, x: Any, y: Any, *, count: int = 3, run: Any = None
    ) -> None:
        for _ in range(count):
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if run is not None:
                run.log({"loss": loss})

    return steps
