"""The GradScaler of a training loop, which `watch` is not given: found among the callers of `optimizer.step`."""

import math
import sys
from collections.abc import Callable
from typing import Any
from weakref import ref

import torch

from trainvitals.capture.worker import Worker
from trainvitals.collector import Collector, Number
from trainvitals.number import number

FRAMES_MAX = 16


class Scaler:
    """A step that the scaler leaves out calls no optimizer; it shows by the scale, which each of them backs off.

    The scale is looked at on sampled steps, and where more forward passes than usual went before a step.
    """

    def __init__(self, collector: Collector, worker: Worker) -> None:
        self._collector = collector
        self._worker = worker
        self._found: Callable[[], Any] = lambda: None
        self._last: float | None = None
        self._passes = 0
        self._passes_usual: int | None = None
        self.tells_skips = True

    def forward(self) -> None:
        """A forward pass of training began."""
        self._passes += 1

    def find(self) -> None:
        """Called inside `optimizer.step`."""
        if self._found() is None:
            scaler = _among_callers()
            if scaler is not None:
                self._found = ref(scaler)
                self._last = float(scaler._init_scale)

    @property
    def scale(self) -> Number:
        """By how much the gradients of this step were scaled up; 1 without a scaler."""
        scaler = self._found()
        tensor = getattr(scaler, "_scale", None)
        found = None if tensor is None else number(tensor)
        return 1.0 if found is None else found

    def step_done(self, step: int, moment: float, sampled: bool, leads: bool) -> None:
        """The optimizer moved."""
        passes, usual = self._passes, self._passes_usual
        self._passes = 0
        if passes != usual:
            self._passes_usual = min(passes, usual or passes)
        scaler = self._found()
        if scaler is None or not (sampled or (usual is not None and passes > usual)):
            return
        scale = self.scale
        if leads:
            self._collector.statistics(("gradient_scale",), step, moment, (scale,))
        self._worker.call(lambda: self._compare(float(scale), float(scaler.get_backoff_factor()), step))

    def _compare(self, scale: float, backoff: float, step: int) -> None:
        last, self._last = self._last, scale
        if self.tells_skips and last is not None and 0 < scale < last and 0 < backoff < 1:
            count = max(1, round(math.log(last / scale) / -math.log(backoff)))
            self._collector.fact({"kind": "skipped_step", "step": step, "details": {"count": count, "scale": scale}})


def _among_callers() -> Any:
    frame = sys._getframe(2)
    for _ in range(FRAMES_MAX):
        if frame.f_back is None:
            return None
        frame = frame.f_back
        if frame.f_code.co_name in ("_maybe_opt_step", "step"):
            owner = frame.f_locals.get("self")
            if isinstance(owner, torch.amp.GradScaler):
                return owner if owner.is_enabled() else None
    return None
