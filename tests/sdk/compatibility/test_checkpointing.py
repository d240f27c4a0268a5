"""Gradient checkpointing: layers run twice a step."""

from collections.abc import Generator

import pytest
import torch
from networks_small import batch, sgd
from scene import Loss, Scene, prove
from torch import nn
from torch.utils.checkpoint import checkpoint


class Checkpointed(nn.Module):
    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.3))
        self.last, self.reentrant = nn.Linear(6, 2), reentrant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(checkpoint(self.first, x, use_reentrant=self.reentrant))  # type: ignore[no-any-return]


def checkpointed(scene: Scene, reentrant: bool) -> Generator[Loss, None, None]:
    model = Checkpointed(reentrant)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "first.0", "first.1", "last")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x.requires_grad_()), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpointed_layer_counts_once_a_step(reentrant: bool) -> None:
    proof = prove(lambda scene: checkpointed(scene, reentrant))
    assert set(proof.values("activation_std/first.0")) == {0, 1, 2}
    assert "eval/activation_std/first.0" not in proof.series
