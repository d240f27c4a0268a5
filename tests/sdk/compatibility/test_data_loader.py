"""Data loaders whose workers are forked from the training process."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import CLASSES, WIDTH, sgd, small
from scene import Loss, Scene, prove
from torch import nn
from torch.utils.data import DataLoader, Dataset

import trainvitals as tv

ROWS, BATCH = 24, 8


class Meddling(Dataset[Any]):
    """Logs and calls the watched model in the worker, which must stay silent there."""

    def __init__(self, run: tv.Run, model: nn.Module) -> None:
        self.run, self.model = run, model

    def __len__(self) -> int:
        return ROWS

    def __getitem__(self, at: int) -> Any:
        self.run.log({"from_worker": 1.0})
        x = torch.full((WIDTH,), float(at) / ROWS)
        with torch.no_grad():
            self.model(x[None] * 1000)
        return x, at % CLASSES


def loading(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    data = Meddling(scene.run, model)
    scene.expect_outputs(model, "first")
    for x, y in DataLoader(data, batch_size=BATCH, num_workers=2, multiprocessing_context="fork"):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_workers_are_silent_and_the_training_is_watched() -> None:
    proof = prove(loading)
    assert set(proof.values("gradient_norm/first.weight")) == {0, 1, 2}
    assert not {"from_worker", "eval/activation_std/first"} & proof.series
