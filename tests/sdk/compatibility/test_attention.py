"""Attention, whose inner projection fires no hooks, and its fast path in evaluation."""

from collections.abc import Generator

import torch
from networks_small import sgd
from scene import Loss, Scene, prove
from torch import nn


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.1)
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out, _ = self.attention(x, x, x)
        return self.head(self.block(out).mean(1))  # type: ignore[no-any-return]


def attending(scene: Scene) -> Generator[Loss, None, None]:
    model = Attending()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "attention", "block.self_attn", "block.linear1", "head")
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.randn(4, 5, 8)), torch.randint(0, 2, (4,)))
        loss.backward()
        scene.step(optimizer)
        model.eval()
        with torch.no_grad():
            told = model(torch.randn(4, 5, 8))
        model.train()
        yield loss + told.sum()


def test_attention_is_one_layer_with_all_its_weights_and_its_fast_path_stays_fast() -> None:
    proof = prove(attending, rel=1e-4)
    assert set(proof.values("activation_std/attention")) == {0, 1, 2}
    assert "gradient_norm/attention.out_proj.weight" in proof.series
    assert "attention.out_proj" not in proof.layers
    assert "eval/activation_std/head" in proof.series
