"""A mixture of eight experts: each sample goes to one, and some experts see little."""

import torch
from torch import Tensor, nn

from ..fault import Healthy
from ..training import Training


class Experts(nn.Module):
    """The best expert of each sample, weighted by its share."""

    def __init__(self, inputs: int, outputs: int, experts: int) -> None:
        super().__init__()
        self.router = nn.Linear(inputs, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, outputs)) for _ in range(experts)
        )

    def forward(self, x: Tensor) -> Tensor:
        share, chosen = self.router(x).softmax(1).max(1)
        out = x.new_zeros(len(x), self.experts[0][-1].out_features)
        for number, expert in enumerate(self.experts):
            mine = (chosen == number).nonzero()[:, 0]
            if len(mine):
                out = out.index_add(0, mine, expert(x[mine]))
        return out * share[:, None]


def prepare(training: Training) -> None:
    """In the place of the output layer."""
    torch.manual_seed(training.seed)
    training.change_head(lambda head: Experts(head.in_features, head.out_features, 8))


HEALTHY = Healthy(trainings=("mlp digits", "transformer digits"), prepare=prepare)
