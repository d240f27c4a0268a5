"""The training loss as it goes by: the watches hear of each value, the server where it stops being a number."""

import math
from collections.abc import Callable

from trainvitals.collector import Collector
from trainvitals_wire.frame import Frame
from trainvitals_wire.names import LOSS_KEYS


class Losses:
    """Looks at frames on the sender's thread, where a tensor that was logged is a number at last."""

    def __init__(self, collector: Collector, on_loss: Callable[[float], None]) -> None:
        self._collector = collector
        self._on_loss = on_loss
        self._told = False
        self._rank = len(LOSS_KEYS)

    def look(self, frame: Frame) -> None:
        """Take the loss of a frame, if it has one."""
        key = next((key for key in LOSS_KEYS if key in frame.keys), None)
        if key is None or LOSS_KEYS.index(key) > self._rank:
            return
        self._rank = LOSS_KEYS.index(key)
        values = frame.values[:, frame.keys.index(key)].tolist()
        for step, value in zip(frame.steps.tolist(), values, strict=True):
            if not math.isfinite(value) and not self._told:
                self._told = True
                self._collector.fact({"kind": "nonfinite", "step": step, "where": "loss", "owner": key})
            self._on_loss(value)
