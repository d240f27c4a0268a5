"""Sparse gradients of embeddings."""

from collections.abc import Generator

import torch
from scene import Loss, Scene, prove
from torch import nn


def sparse(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(nn.Embedding(20, 4, sparse=True))
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=0.01)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "0")
    for _ in range(3):
        optimizer.zero_grad()
        loss = model(torch.randint(0, 20, (8,))).square().sum()
        loss.backward()
        exact = model[0].weight.grad.coalesce().values().double().norm()
        scene.expect("gradient_norm/0.weight", exact)
        scene.step(optimizer)
        yield loss


def test_sparse_gradients_have_an_exact_norm_and_their_weights_and_updates_are_told() -> None:
    proof = prove(sparse, rel=1e-4)
    assert set(proof.values("update_norm/0.weight")) == {0, 1, 2}
    assert proof.facts("no_gradient") == []
