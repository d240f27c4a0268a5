"""What updates and loss together say of the learning rate: it is judged by its effects, never by its value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio, rolling_median

Side = Literal["high", "low"]
THRESHOLDS = {"high": 1e-2, "very_high": 0.03, "low": 1e-4, "loss_rise": 1.5, "loss_left": 0.8, "samples": 5}
"""The defaults of the rule learning_rate, which documents them."""
RISE_STEPS = 50
"""A loss that rises within so many steps of the large updates rises because of them."""
JOLT_RATIO, JOLT_SAMPLES = 0.3, 20
"""One update that replaces a third of the weights is enough to ruin them, however calm the rest."""
SETTLED_STEP = 15
"""Adam's first steps are large by design, and tell nothing without a loss that rises."""
OUTLIERS = 2
"""A single high loss is no rise: the third highest value counts."""


@dataclass(frozen=True)
class Rate:
    """The update ratio of the network [samples] beside the loss."""

    signals: Signals
    thresholds: Mapping[str, float]

    @cached_property
    def ratio(self) -> History:
        """The median over the weight matrices."""
        return network_ratio(self.signals)

    @cached_property
    def smooth(self) -> History:
        """The same without single leaps."""
        return rolling_median(self.ratio, int(self.thresholds["samples"]))

    @cached_property
    def fastest(self) -> History:
        """The largest ratio of any weight matrix: where only some layers stand still it is not the rate."""
        return rolling_median(network_ratio(self.signals, 1.0), int(self.thresholds["samples"]))

    @cached_property
    def side(self) -> Side | None:
        """Too high, too low, or nothing to say."""
        if not len(self.ratio) or self.signals.loss.start is None:
            return None
        return "high" if self._too_high else "low" if self._too_low else None

    @cached_property
    def jolted(self) -> bool:
        """Whether one of the first updates replaced a good part of the weights."""
        return float(self.ratio.values[:JOLT_SAMPLES].max()) > JOLT_RATIO

    @property
    def harmful(self) -> bool:
        """Whether the large updates showed in the loss, so that a stall is their doing."""
        return self.jolted or self.rise >= self.thresholds["loss_rise"]

    @property
    def _too_high(self) -> bool:
        if float(self.smooth.values.max()) <= self.thresholds["high"] and not self.jolted:
            return False
        settled = self.smooth.between(SETTLED_STEP, self.signals.step).values
        return self.harmful or (len(settled) > 0 and float(settled.max()) > self.thresholds["very_high"])

    @property
    def _too_low(self) -> bool:
        if self.signals.warming_up or self.signals.loss.falling:
            return False
        left = self.signals.loss.share_left
        return (
            0 < self.late_fastest < self.thresholds["low"] and left is not None and left > self.thresholds["loss_left"]
        )

    @property
    def late_fastest(self) -> float:
        """The ratio of the fastest weight matrix over its last samples."""
        return float(np.median(self.fastest.values[-20:]))

    @cached_property
    def onset(self) -> int:
        """The first step of large updates."""
        return int(self.ratio.steps[int(np.argmax(self.ratio.values > self.thresholds["high"]))])

    @cached_property
    def size(self) -> float:
        """The typical ratio of the first large updates: what follows is the blow-up itself, not what began it."""
        return float(np.median(self.ratio.between(self.onset, self.signals.step).values[:5]))

    @cached_property
    def rise(self) -> float:
        """The highest loss soon after the large updates, as a multiple of what an untrained network scores.

        Only what came before the first non-finite value counts: that may have a cause of its own.
        """
        reference = self.signals.loss.reference
        if not reference or reference < 0:
            return 0.0
        after = self.signals.loss.history.between(self.onset + 1, self.onset + RISE_STEPS).values
        broken = np.flatnonzero(~np.isfinite(after))
        finite = np.sort(after[: broken[0]] if len(broken) else after)
        outliers = 0 if len(broken) else OUTLIERS
        return float(finite[-1 - outliers]) / reference if len(finite) > outliers else 0.0
