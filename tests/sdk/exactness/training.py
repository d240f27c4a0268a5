"""The trainings: MLP, CNN and GPT with AdamW, SGD and momentum, some units dead or saturated from the start."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from networks import cnn, gpt, mlp
from torch import nn
from truth import Array, Step, Truth

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

STEPS = 10
DEAD = -100.0
PERCENTILE = 95

AdamW = partial(torch.optim.AdamW, lr=1e-3)
Sgd = partial(torch.optim.SGD, lr=0.05)
Momentum = partial(torch.optim.SGD, lr=0.05, momentum=0.9)


def dying_mlp() -> nn.Module:
    model = mlp.Mlp()
    model[2].bias.data[:40] = DEAD
    return model


def dying_cnn() -> nn.Module:
    model = cnn.Cnn(16)
    model.stages[1][0].norm1.bias.data[:5] = DEAD
    return model


def dying_gpt() -> nn.Module:
    model = gpt.Gpt(128, 3)
    model.blocks[1].mlp[0].bias.data[:30] = DEAD
    return model


def squashing() -> nn.Module:
    """Tanh and sigmoid layers, a part of whose units is saturated."""
    model = nn.Sequential(
        nn.Linear(mlp.INPUTS, 256), nn.Tanh(), nn.Linear(256, 192), nn.Sigmoid(), nn.Linear(192, mlp.CLASSES)
    )
    model[0].weight.data *= 3
    model[0].bias.data[:30] = 40.0
    model[2].weight.data *= 5
    model[2].bias.data[:20] = -60.0
    return model


Make = tuple[Callable[[], nn.Module], Callable[[], tuple[Any, Any]], Callable[..., Any]]
TRAININGS: dict[str, Make] = {
    "mlp-adamw": (dying_mlp, mlp.batch, AdamW),
    "mlp-sgd": (dying_mlp, mlp.batch, Sgd),
    "mlp-momentum": (dying_mlp, mlp.batch, Momentum),
    "cnn-momentum": (dying_cnn, partial(cnn.batch, 8), Momentum),
    "gpt-adamw": (dying_gpt, partial(gpt.batch, 4, 64), AdamW),
    "gpt-sgd": (dying_gpt, partial(gpt.batch, 4, 64), Sgd),
    "squashing-momentum": (squashing, mlp.batch, Momentum),
}


@dataclass
class Record:
    """A training as the SDK told it and as it was."""

    name: str
    model: nn.Module
    transport: MemoryTransport
    steps: list[Step]
    _told: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)

    def told(self, statistic: str, owner: str) -> dict[int, float]:
        """What the SDK told of a statistic, by step; empty for what it does not watch."""
        if (statistic, owner) not in self._told:
            self._told[statistic, owner] = self.transport.values(f"{statistic}/{owner}")
        return self._told[statistic, owner]

    def pairs(self, statistic: str, truth: Callable[[Step], Iterator[tuple[str, float]]]) -> tuple[Array, Array]:
        """Told and true values of every owner that has the statistic, at every step."""
        found = [
            (self.told(statistic, owner)[place], true)
            for place, step in enumerate(self.steps)
            for owner, true in truth(step)
            if self.told(statistic, owner)
        ]
        assert len(found) >= STEPS
        told, true = np.array(found).T
        return told, true


def record(name: str) -> Record:
    """Train for some steps, each of them sampled."""
    make, batch, optimizer = TRAININGS[name]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = make()
    transport = MemoryTransport()
    moving = optimizer(model.parameters())
    truth = Truth(model, batch, moving, nn.CrossEntropyLoss())
    with tv.init(project="exactness", transport=transport, terminal="nothing") as run:
        run.watch(model, moving, log_freq=1)
        truth.train(STEPS, lambda: settle(run))
    return Record(name, model, transport, truth.steps)


def settle(run: tv.Run) -> None:
    for watch in run._watches:
        assert watch._worker.settle(30)


def relative(told: Array, true: Array) -> float:
    """The 95th percentile of the relative errors; where the truth is 0, what was told must be."""
    assert (told[true == 0] == 0).all()
    return float(np.percentile(np.abs(told - true)[true != 0] / np.abs(true[true != 0]), PERCENTILE))


def absolute(told: Array, true: Array) -> float:
    return float(np.percentile(np.abs(told - true), PERCENTILE))
