"""Weights & Biases offline: `run.watch(log="all")` for gradients and weights, one `run.log` a step for the rest."""

import os
from pathlib import Path
from typing import Any

from detail import Detail
from torch import nn

PACKAGE = "wandb"


class Peer:
    """As https://docs.wandb.ai/models/ref/python/experiments/run shows: histograms of gradients and weights come from
    `watch` each `log_freq` batches; one dictionary a step takes the numbers and the histograms it does not make."""

    def __init__(self, folder: Path, interval: int, deep_interval: int) -> None:
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb

        self._histogram = wandb.Histogram
        self._deep_interval = deep_interval
        self.detail = Detail(interval, deep_interval, gradient_and_weight_histograms=False)
        self._run = wandb.init(project="benchmark", mode="offline", dir=str(folder))
        self.step_begins, self.backward_done = self.detail.step_begins, self.detail.backward_done

    def follow(self, model: nn.Module, optimizer: Any, criterion: nn.Module) -> None:
        self.detail.follow(model, optimizer)
        self._run.watch(model, criterion, log="all", log_freq=self._deep_interval)

    def step_done(self, loss: Any) -> None:
        found: dict[str, Any] = {"loss": loss.item(), **self.detail.step_done()}
        for name, tensor in self.detail.tensors.items():
            found[name] = self._histogram(tensor.cpu().numpy())
        self._run.log(found)

    def settle(self) -> None:
        """Another process writes: nothing here waits for it."""

    def close(self) -> None:
        self._run.unwatch()
        self._run.finish()
