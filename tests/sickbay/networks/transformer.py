"""A small pre-norm transformer over the steps of a sequence, the rows of an image, or the characters of a text."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..task import Task

Activation = Callable[[], nn.Module]


class Block(nn.Module):
    """Attention and a feed-forward part, each on the residual stream."""

    def __init__(self, width: int, activation: Activation, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.norm2 = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), activation(), nn.Linear(2 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        normed = self.norm1(x)
        x = x + self.dropout(self.attention(normed, normed, normed, attn_mask=mask, need_weights=False)[0])
        found: Tensor = x + self.dropout(self.feed(self.norm2(x)))
        return found


class Transformer(nn.Module):
    """Sequences [n, time, features] or tokens [n, time] to [n, outputs], or [n, time, outputs] for tokens (causal)."""

    def __init__(self, task: Task, width: int, depth: int, activation: Activation, dropout: float) -> None:
        super().__init__()
        time = task.inputs.shape[1] if task.inputs.dim() < 4 else task.inputs.shape[2]
        self.embedding = nn.Embedding(task.outputs, width) if task.tokens else nn.Linear(task.inputs.shape[-1], width)
        self.places = nn.Parameter(torch.randn(time, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, activation, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, task.outputs)
        self.causal = task.tokens
        self.register_buffer("mask", torch.full((time, time), float("-inf")).triu(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x.squeeze(1)) + self.places
        for block in self.blocks:
            x = block(x, self.mask if self.causal else None)
        x = self.norm(x)
        scores: Tensor = self.output(x if self.causal else x.mean(1))
        return scores


def build(
    task: Task, width: int = 32, depth: int = 2, activation: Activation = nn.GELU, dropout: float = 0.0
) -> Transformer:
    """Two blocks."""
    return Transformer(task, width, depth, activation, dropout)
