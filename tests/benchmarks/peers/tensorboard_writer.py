"""TensorBoard's SummaryWriter with its defaults: `add_scalar` each number, `add_histogram` each whole tensor."""

from pathlib import Path
from typing import Any

from detail import Detail
from torch import nn

PACKAGE = "tensorboard"


class Peer:
    """As https://docs.pytorch.org/docs/stable/tensorboard.html shows; a thread of its own writes the file."""

    def __init__(self, folder: Path, interval: int, deep_interval: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.detail = Detail(interval, deep_interval)
        self._writer = SummaryWriter(log_dir=str(folder))
        self.step_begins, self.backward_done = self.detail.step_begins, self.detail.backward_done

    def follow(self, model: nn.Module, optimizer: Any, criterion: nn.Module) -> None:
        self.detail.follow(model, optimizer)

    def step_done(self, loss: Any) -> None:
        step = self.detail.step
        self._writer.add_scalar("loss", loss.item(), step)
        for name, value in self.detail.step_done().items():
            self._writer.add_scalar(name, value, step)
        for name, tensor in self.detail.tensors.items():
            self._writer.add_histogram(name, tensor, step)

    def settle(self) -> None:
        """What is queued is written, so that it does not fall into another's block."""
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
