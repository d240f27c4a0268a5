"""A training script's side of the wire, without a network to train."""

import time
from typing import Any

import httpx
import numpy as np

from trainvitals_wire.encoding import CONTENT_TYPE, encode
from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.report import Report


class Script:
    """Sends what a training script of a network of some layers would."""

    def __init__(self, address: str, *, name: str = "a run", layers: int = 6, **fields: Any) -> None:
        self.client = httpx.Client(base_url=f"{address}/api/v1", trust_env=False, timeout=30)
        self.layers = [f"blocks.{place}.linear" for place in range(layers)]
        body = {"project": "pages", "name": name, "layers": [_layer(name) for name in self.layers], **fields}
        created = self.client.post("/runs", json=body).raise_for_status().json()
        self.run_id: str = created["id"]
        self.writer_id: str = created["writer_id"]
        self.sequence = 0
        self.start = time.time()

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/runs/{self.run_id}"

    def log(self, first: int, last: int, *, histograms: bool = False, loss: float | None = None) -> None:
        """Losses, learning rate and the statistics of all layers for the steps from `first` to `last`, inclusive."""
        steps = np.arange(first, last + 1, dtype=np.int64)
        losses = 0.5 + 2 * np.exp(-steps / 40) if loss is None else np.full(len(steps), loss)
        metrics = np.column_stack([losses, np.full(len(steps), 1e-3)])
        keys = [f"gradient_norm/{name}.weight" for name in self.layers]
        keys += [f"activation_std/{name}" for name in self.layers]
        keys += [f"update_ratio/{name}.weight" for name in self.layers]
        scale = np.repeat([0.05, 1.0, 1e-3], len(self.layers))
        values = (scale * (1 + 0.2 * np.sin(steps[:, None] / 5 + np.arange(len(keys))))).astype(np.float32)
        frames = (
            Frame(("loss", "learning_rate"), steps, self.start + 0.05 * steps, metrics),
            Frame(tuple(keys), steps, self.start + 0.05 * steps, values),
        )
        self._send(frames, self._histograms(last) if histograms else ())

    def _histograms(self, step: int) -> tuple[Histogram, ...]:
        rng = np.random.default_rng(step)
        values = rng.standard_normal(512).astype(np.float32) * np.float32(0.05)
        return tuple(Histogram.of(f"gradient/{name}.weight", step, self.start, values) for name in self.layers)

    def _send(self, frames: tuple[Frame, ...], histograms: tuple[Histogram, ...]) -> None:
        self.sequence += 1
        report = Report(
            self.writer_id, self.sequence, frames, histograms, capture={"interval": 1, "samples": 1024}
        )  # fmt: skip
        answer = self.client.post(
            f"/runs/{self.run_id}/reports", content=encode(report), headers={"content-type": CONTENT_TYPE}
        )
        answer.raise_for_status()


def _layer(name: str) -> dict[str, Any]:
    weight = {"name": f"{name}.weight", "shape": [64, 64], "dtype": "float32", "trainable": True, "in_optimizer": True}
    return {
        "name": name, "type": "Linear", "order": int(name.split(".")[1]), "output_shape": [32, 64],
        "parameters": [weight],
    }  # fmt: skip
