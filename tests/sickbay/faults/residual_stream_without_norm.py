"""Residual blocks without any norm, each of which doubles the stream."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

DEPTH = 14


class Residual(nn.Module):
    """Adds a strong branch to the stream; a norm in the branch keeps it small."""

    def __init__(self, branch: nn.Module, gain: float) -> None:
        super().__init__()
        self.branch = branch
        self.gain = gain

    def forward(self, x: Tensor) -> Tensor:
        return x + self.gain * self.branch(x)


def network(training: Training, normed: bool) -> None:
    """A deep residual network with or without norms in its branches."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        flat = training.network == "mlp"
        layer = nn.Linear(inputs, outputs) if flat else nn.Conv2d(inputs, outputs, 3, padding=1)
        if inputs != outputs:
            return [layer]
        norm = nn.BatchNorm1d(inputs) if flat else nn.BatchNorm2d(inputs)
        nn.init.kaiming_normal_(layer.weight)
        branch = nn.Sequential(*([norm] if normed else []), nn.ReLU(), layer)
        return [Residual(branch, 0.5 if normed else 2.0)]

    training.rebuild(depth=DEPTH, block=block)


def plant(training: Training) -> None:
    """No norm."""
    network(training, normed=False)


def fix(training: Training) -> None:
    """A batch norm in each branch."""
    network(training, normed=True)


FAULT = Fault(
    causes=("exploding_activation",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    fix=fix,
    remedy=r"[Nn]ormali[sz]ation layer|[Bb]atch ?norm|[Ll]ayer ?norm",
)
