"""Updates of an embedding, of which a batch moves a few rows far: the sample hardly meets them."""

from typing import Any

import numpy as np
import torch
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

ROWS, WIDTH, STEPS = 4000, 32, 12


def test_updates_of_a_tied_embedding_under_adam_stay_near_the_truth(run: tv.Run, transport: MemoryTransport) -> None:
    torch.manual_seed(0)
    embedding = nn.Embedding(ROWS, WIDTH)
    head = nn.Linear(WIDTH, ROWS, bias=False)
    head.weight = embedding.weight
    model = nn.Sequential(embedding, nn.LayerNorm(WIDTH), head)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    run.watch(model, optimizer)
    true: list[float] = []
    for _ in range(STEPS):
        tokens = torch.randint(0, ROWS, (64,))
        nn.functional.cross_entropy(model(tokens), tokens).backward()
        true.append(_moved(embedding.weight, optimizer))
        optimizer.zero_grad()
        assert run._watches[0]._worker.settle(30)
    run.finish()
    told = transport.values("update_norm/0.weight")
    errors = [abs(told[step] / norm - 1) for step, norm in enumerate(true)]
    assert max(errors) < 0.4 and np.median(errors) < 0.2


def _moved(weight: Any, optimizer: Any) -> float:
    before = weight.detach().double().clone()
    optimizer.step()
    return float((weight.detach().double() - before).norm())
