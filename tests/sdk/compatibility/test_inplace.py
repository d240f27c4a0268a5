"""In-place operations after a watched layer, and in-place layers."""

from collections.abc import Generator

import torch
from networks_small import batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn


class Inplace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = small(inplace=True), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.head(self.body(x))
        out += 1000.0
        return nn.functional.relu_(out)


def inplace(scene: Scene) -> Generator[Loss, None, None]:
    model = Inplace()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "body.first", "body.act", "head")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_an_output_that_is_overwritten_later_is_told_as_the_layer_gave_it() -> None:
    proof = prove(inplace)
    assert max(proof.values("activation_mean/head").values()) < 100
    assert min(proof.truth["activation_mean/body.first"].values()) < min(
        proof.values("activation_mean/body.act").values()
    )
