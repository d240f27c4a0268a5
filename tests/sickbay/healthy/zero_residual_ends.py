"""Residual branches whose last layer starts at zero, so that each block starts as the identity."""

from torch import Tensor, nn

from ..fault import Healthy
from ..training import Training


class Residual(nn.Module):
    """Adds its branch."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


def prepare(training: Training) -> None:
    """As in Goyal et al. 2017 and Zhang et al. 2019."""
    if training.network == "transformer":
        for block in training.model.blocks:
            nn.init.zeros_(block.feed[-1].weight)
            nn.init.zeros_(block.attention.out_proj.weight)
        return

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        if inputs != outputs:
            return [nn.Linear(inputs, outputs)]
        last = nn.Linear(outputs, outputs)
        nn.init.zeros_(last.weight)
        return [Residual(nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, outputs), nn.ReLU(), last))]

    training.rebuild(depth=5, width=48, block=block)


HEALTHY = Healthy(trainings=("mlp digits", "transformer digits"), prepare=prepare)
