"""Weights that two layers share, modules called several times, and a submodule under two parents."""

from collections.abc import Generator

import torch
from networks_small import batch, sgd
from scene import Loss, Scene, prove
from torch import nn


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(10, 6), nn.Linear(6, 10, bias=False)
        self.head.weight = self.embed.weight
        self.again = self.embed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(x) + self.embed(x.flip(0)))  # type: ignore[no-any-return]


def tied(scene: Scene) -> Generator[Loss, None, None]:
    model = Tied()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "embed", "head")
    for _ in range(3):
        optimizer.zero_grad()
        loss = model(torch.randint(0, 10, (16,))).square().mean()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_tied_weights_have_one_row_and_list_their_aliases() -> None:
    proof = prove(tied)
    assert {key for key in proof.series if key.startswith("weight_norm/")} == {"weight_norm/embed.weight"}
    assert proof.layers["embed"]["aliases"] == ["again"]
    assert proof.layers["head"]["aliases"] == ["head.weight"]
    assert proof.layers["head"]["parameters"][0]["name"] == "embed.weight"


class Sharing(nn.Module):
    """One block under two parents, called by both."""

    def __init__(self) -> None:
        super().__init__()
        shared = nn.Linear(6, 6)
        self.left, self.right = nn.Sequential(shared, nn.Tanh()), nn.Sequential(shared, nn.Sigmoid())
        self.out = nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.right(self.left(x)))  # type: ignore[no-any-return]


def sharing(scene: Scene) -> Generator[Loss, None, None]:
    model = Sharing()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "left.0", "left.1", "right.1", "out")
    for _ in range(3):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_submodule_of_two_parents_is_one_layer_with_its_first_output() -> None:
    proof = prove(sharing)
    assert set(proof.layers) == {"left.0", "left.1", "right.1", "out"}
    assert "right.0" in proof.layers["left.0"]["aliases"]
