"""trackio, local: one `log` a step with the numbers and `trackio.Histogram`s."""

import os
from pathlib import Path
from typing import Any

from detail import Detail
from torch import nn

PACKAGE = "trackio"


class Peer:
    """As https://huggingface.co/docs/trackio shows; a thread of its own writes the database."""

    def __init__(self, folder: Path, interval: int, deep_interval: int) -> None:
        os.environ["TRACKIO_DIR"] = str(folder)
        import trackio

        self._trackio = trackio
        self.detail = Detail(interval, deep_interval)
        self._run = trackio.init(project="benchmark", embed=False)
        self.step_begins, self.backward_done = self.detail.step_begins, self.detail.backward_done

    def follow(self, model: nn.Module, optimizer: Any, criterion: nn.Module) -> None:
        self.detail.follow(model, optimizer)

    def step_done(self, loss: Any) -> None:
        found: dict[str, Any] = {"loss": loss.item(), **self.detail.step_done()}
        for name, tensor in self.detail.tensors.items():
            found[name] = self._trackio.Histogram(tensor.cpu().numpy())
        self._trackio.log(found)

    def settle(self) -> None:
        """Its own thread sends in batches: nothing here waits for it."""

    def close(self) -> None:
        self._trackio.finish()
