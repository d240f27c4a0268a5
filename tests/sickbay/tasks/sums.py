"""The adding problem of Hochreiter and Schmidhuber 1997: [n, 12, 2] and the standardised sum [n, 1] of two numbers."""

import torch

from ..task import Task, standardised

SAMPLES, LENGTH = 3000, 12


def task() -> Task:
    """The first channel is a number, the second marks the two that count."""
    generator = torch.Generator().manual_seed(8)
    numbers = torch.randn(SAMPLES, LENGTH, generator=generator)
    marks = torch.zeros(SAMPLES, LENGTH)
    marks.scatter_(1, torch.rand(SAMPLES, LENGTH, generator=generator).topk(2).indices, 1.0)
    sums = (numbers * marks).sum(1, keepdim=True)
    return Task("sums", "number", torch.stack([numbers, marks], 2), standardised(sums), outputs=1)
