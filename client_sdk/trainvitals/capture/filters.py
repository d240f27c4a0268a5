"""The kernels of the first convolution, small enough to be kept as a picture."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from trainvitals.capture.layers import WatchedLayer
from trainvitals.capture.sample import Sample
from trainvitals.collector import Collector

FILTERS_MAX = 64
KERNEL_MAX = 11
"""Rows and columns of a kernel; AlexNet's first layer has 11 x 11, and larger ones are no picture of an edge."""
COLOURS = 3
GROWTH = 1.3
"""Each picture is taken this many times later than the last: some 60 in ten million steps, the first close together."""


def kernels(weight: Any) -> Any | None:
    """A float32 copy [n, c, h, w] of at most 64 filters, c being 3 for colour images, else 1.

    None for what is no picture: kernels of one pixel or of more than 11, weights that are sharded flat.
    """
    if weight.dim() != 4 or max(weight.shape[2:]) > KERNEL_MAX or min(weight.shape[2:]) < 2:
        return None
    channels = COLOURS if weight.shape[1] == COLOURS else 1
    return weight.detach()[:FILTERS_MAX, :channels].float().clone()


class Filters:
    """Tells the `filters` fact, further and further apart."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._due = 0
        self._last: tuple[float, float, bytes] | None = None

    def look(self, sample: Sample, layers: Sequence[WatchedLayer]) -> None:
        """A deep sample: a picture where one is due, and where it differs from the last."""
        if sample.filters is None or sample.step < self._due:
            return
        row, tensor = sample.filters
        values = tensor.numpy()
        if not np.isfinite(values).all():
            return
        low, high = float(values.min()), float(values.max())
        grey = np.rint((values - low) * (255 / (high - low or 1.0))).astype(np.uint8).tobytes()
        self._due = int((sample.step + 1) * GROWTH) + 1
        if (low, high, grey) == self._last:
            return
        self._last = low, high, grey
        layer = layers[row]
        details = {
            "parameter": next((name for name in layer.parameters if name.endswith("weight")), None),
            "shape": list(values.shape),
            "filters": layer.module.out_channels,
            "channels": layer.module.in_channels // layer.module.groups,
            "low": low,
            "high": high,
            "values": base64.b64encode(grey).decode("ascii"),
        }
        self._collector.fact({"kind": "filters", "step": sample.step, "owner": layer.name, "details": details})
