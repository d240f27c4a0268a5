"""`run.summary`: what the user sets, behind it what the metrics came to, and what watching costs."""

import math
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import Any

import numpy as np

from trainvitals_wire.frame import Frame
from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS, kind_of

METRICS_SAID_MAX = 8
"""Metrics in the closing line of a run; the page shows them all."""


class Summary(ChainMap[str, Any]):
    """Reads `{"last", "min", "max"}` of each metric, as of a tenth of a second ago; takes whatever the user adds.

    While a model is watched, `overhead_fraction` is the share of the training time that watching takes [0..1] and
    `capture` how it samples: `interval` and `deep_interval` in steps, `mode`, `reason`, `samples`.

    Only what was set (`own`) is sent: the server sums up the metrics itself, those of every writer of the run.
    """

    def __init__(self, *maps: MutableMapping[str, Any]) -> None:
        super().__init__(*(maps or ({}, {}, {})))
        self._steps: dict[str, int] = {}

    def __repr__(self) -> str:
        return repr(dict(self))

    @property
    def own(self) -> dict[str, Any]:
        """What the user set."""
        return dict(self.maps[0])

    def see(self, frame: Frame) -> None:
        """Take in new values; the last value is that of the greatest step."""
        newest = len(frame.steps) - 1 - int(np.argmax(frame.steps[::-1]))
        step = int(frame.steps[newest])
        finite = np.isfinite(frame.values)
        lows = np.where(finite, frame.values, math.inf).min(axis=0).tolist()
        highs = np.where(finite, frame.values, -math.inf).max(axis=0).tolist()
        for key, last, low, high in zip(frame.keys, frame.values[newest].tolist(), lows, highs, strict=True):
            if kind_of(key) == "metric":
                self._see(key, step, last, low, high)

    def see_capture(self, state: Mapping[str, Any]) -> None:
        """What reports tell as `capture`; nothing where no model is watched."""
        if state:
            told = dict(state)
            self.maps[2].update(overhead_fraction=told.pop("overhead_fraction"), capture=told)

    def last_values(self) -> str:
        """`loss 0.31, accuracy 0.94`: the loss first; the criterion's own output only where no loss was logged."""
        found = {key: entry["last"] for key, entry in self.maps[1].items() if entry["last"] is not None}
        if any(key in found for key in LOSS_KEYS):
            found.pop(CRITERION_LOSS_KEY, None)
        keys = sorted(found, key=lambda key: key not in (*LOSS_KEYS, CRITERION_LOSS_KEY))
        said = [f"{key} {found[key]:.4g}" for key in keys[:METRICS_SAID_MAX]]
        if len(keys) > METRICS_SAID_MAX:
            said.append(f"{len(keys) - METRICS_SAID_MAX} more")
        return ", ".join(said)

    def _see(self, key: str, step: int, last: float, low: float, high: float) -> None:
        seen = self.maps[1]
        before = seen.get(key, {"last": None, "min": None, "max": None})
        if step >= self._steps.get(key, -1):
            self._steps[key] = step
            before = {**before, "last": last if math.isfinite(last) else None}
        least = min(low, math.inf if before["min"] is None else before["min"])
        greatest = max(high, -math.inf if before["max"] is None else before["max"])
        seen[key] = {
            "last": before["last"],
            "min": least if math.isfinite(least) else None,
            "max": greatest if math.isfinite(greatest) else None,
        }
