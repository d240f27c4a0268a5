"""What updates and loss together say of the learning rate: it is judged by its effects, never by its value."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from trainvitals_server.diagnosis.blow_up import BlowUp, blow_up
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.plateau import came_down, waits_for_long
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_server.diagnosis.updates import all_move_from_start, network_ratio, smooth_network_ratio
from trainvitals_server.diagnosis.window import spacing

Side = Literal["high", "low"]


@dataclass(frozen=True)
class Rate:
    """The update ratio of the network [samples] beside the loss, by the thresholds of the rule learning_rate."""

    signals: Signals

    @cached_property
    def thresholds(self) -> Thresholds:
        """Those of the rule learning_rate, which documents them."""
        return self.signals.thresholds["learning_rate"]

    @cached_property
    def ratio(self) -> History:
        """The median over the weight matrices."""
        return network_ratio(self.signals)

    @cached_property
    def smooth(self) -> History:
        """The same without single leaps."""
        return smooth_network_ratio(self.signals, int(self.thresholds["samples"]))

    @cached_property
    def fastest(self) -> History:
        """The largest ratio of any weight matrix: where only some layers stand still it is not the rate."""
        return smooth_network_ratio(self.signals, int(self.thresholds["samples"]), 1.0)

    @cached_property
    def side(self) -> Side | None:
        """Too high, too low, or nothing to say."""
        if not len(self.ratio) or self.signals.loss.start is None:
            return None
        return "high" if self._too_high else "low" if self._too_low else None

    @cached_property
    def jolted(self) -> bool:
        """Whether one of the first updates replaced a good part of the weights."""
        return self.largest_of_first > self.thresholds["jolt_ratio"]

    @cached_property
    def largest_of_first(self) -> float:
        """The largest of the first updates."""
        return float(self.ratio.values[: int(self.thresholds["jolt_samples"])].max())

    @property
    def ruined(self) -> bool:
        """Whether one of the first updates left nothing of the weights, and the loss hardly came below its start."""
        if self.largest_of_first > self.thresholds["destroyed"]:
            return True
        loss = self.signals.loss
        if self.signals.warming_up or loss.windows is None or loss.start is None or loss.game:
            return False
        late = loss.windows[1]
        left = (late.mean - 2 * late.error) / loss.start if loss.start > 0 else 0.0
        replaced = self.largest_of_first > 1 and self.rise >= self.thresholds["loss_rise"]
        return (replaced and left > loss.thresholds["learned_left"]) or (
            self._thrown_apart and left > loss.thresholds["stalled_share"]
        )

    @property
    def _thrown_apart(self) -> bool:
        """Whether the first updates made a layer's output a hundred times what it was, past the first passes.

        Or ten times, where updates are too large to this day and the loss does not fall: what grew has not settled.
        """
        loss = self.signals.loss
        if not self.jolted or self.signals.step < loss.thresholds["settling"] * loss.warm_up_steps:
            return False
        if self.blown_up is None:
            return False
        unsettled = self.late > self.thresholds["high"] and not loss.falling and self.blown_up.times > 0
        return unsettled or self.blown_up.times > self.thresholds["thrown_apart"]

    @property
    def cannot_arrive(self) -> bool:
        """Whether all updates so far together would hardly change a digit of any weight."""
        moved = median(self.fastest.values) * self.signals.step
        return max(moved, self.late_fastest * self.signals.step) < self.thresholds["travelled"]

    @property
    def harmful(self) -> bool:
        """Whether the large updates showed in the loss, so that a stall is their doing."""
        return self.jolted or (self.rise >= self.thresholds["loss_rise"] and not self.recovered)

    @cached_property
    def recovered(self) -> bool:
        """Whether the loss rose for a few steps alone, is better than chance since, and updates are right by now."""
        if self.jolted or float(self.smooth.values[-1]) > self.thresholds["high"]:
            return False
        return came_down(self.signals.loss, self.onset, self.thresholds)

    @property
    def waits(self) -> bool:
        """Whether nothing but their size speaks against the updates, and the network may be on a plateau."""
        if self.side != "high" or self.harmful or self.blown_up is not None or self._drove_up:
            return False
        return waits_for_long(self.signals.loss)

    @cached_property
    def blown_up(self) -> BlowUp | None:
        """What the large updates made of a layer's output in their first steps."""
        return blow_up(self.signals, self.onset)

    @property
    def stalls(self) -> bool:
        """Whether a loss that stopped far from learned may have stopped because of the large updates.

        Not where it came down in spite of them and never showed them, or has the right updates by now: then it
        stopped at what it cannot learn, as the noise of labels and targets.
        """
        left = self.signals.loss.share_left
        if left is None or left >= self.signals.loss.thresholds["learned_left"]:
            return True
        if self.jolted:
            return self.rise > 1
        return self.rise >= self.thresholds["loss_rise"] and float(self.smooth.values[-1]) > self.thresholds["high"]

    @property
    def _too_high(self) -> bool:
        if float(self.smooth.values.max()) <= self.thresholds["high"] and not self.jolted:
            return False
        settled = self.smooth.between(int(self.thresholds["settled_step"]), self.signals.step).values
        thrown = len(settled) > 0 and float(settled.max()) > self.thresholds["very_high"]
        return self.harmful or thrown or self.blown_up is not None or self._drove_up

    @property
    def _drove_up(self) -> bool:
        """Whether the loss went up while updates were too large, and had been for a while."""
        harm = self.signals.loss.harm
        if harm is None or harm.kind != "diverging":
            return False
        before = self.smooth.between(harm.first_step // 2, harm.first_step).values
        return len(before) > 0 and median(before) > self.thresholds["high"]

    @property
    def rewrites(self) -> bool:
        """Whether updates are so large to this day that nothing that one of them brings is kept."""
        return self.side == "high" and self.late > self.thresholds["very_high"]

    @cached_property
    def never_fast(self) -> bool:
        """Whether the weights are as drawn, three in four of the matrices never moved as is right, and it shows.

        A head may: its gradient is that of the loss itself. What was learned all the same asks for no more.
        """
        left, loss = self.signals.loss.share_unlearned, self.signals.loss
        if self.late >= self.thresholds["low"] or left is None or left <= loss.thresholds["learned_share"]:
            return False
        fast = smooth_network_ratio(self.signals, int(self.thresholds["samples"]), 0.75)
        fitting = self.signals.thresholds["updates"]["fitting_ratio"]
        return self.as_drawn and 0 < float(fast.values.max()) < fitting and all_move_from_start(self.signals)

    @cached_property
    def never_moved(self) -> bool:
        """Whether at the pace of the loss more than half of it will be left for long, too."""
        return self.signals.loss.crawls and self.never_fast

    @property
    def _too_low(self) -> bool:
        if self.signals.warming_up:
            return False
        if self.never_moved:
            return True
        if self.signals.loss.falling:
            return False
        left = self.signals.loss.share_unlearned
        if left is None or left <= self.thresholds["loss_left"]:
            return False
        if self.late_fastest == 0:
            return self._still_by_rate
        return self.late_fastest < self.thresholds["low"] or self.crawls

    @cached_property
    def crawls(self) -> bool:
        """Whether the network as a whole hardly moves and no matrix moves as it should, while nothing is learned."""
        harm, fitting = self.signals.loss.harm, self.signals.thresholds["updates"]["fitting_ratio"]
        stuck = harm is not None and harm.kind in ("at_chance", "no_progress")
        return stuck and self.late < self.thresholds["low"] and self.late_fastest < fitting

    @cached_property
    def as_drawn(self) -> bool:
        """Whether all updates so far together are too small for the weights to be far from where they started."""
        return len(self.ratio) > 0 and float(self.ratio.values.mean()) * self.signals.step < self.thresholds["way"]

    @property
    def _still_by_rate(self) -> bool:
        """Whether nothing moves because the learning rate is too small for the numbers' type: gradients there are."""
        rate, gradient = self.signals.learning_rate, self.signals.history("gradient_norm_total")
        return len(rate) > 0 and rate.values[-1] > 0 and len(gradient) > 0 and gradient.values[-1] > 0

    @cached_property
    def late_fastest(self) -> float:
        """The ratio of the fastest weight matrix over its last samples."""
        return median(self.fastest.values[-int(self.thresholds["late_samples"]) :])

    @cached_property
    def late(self) -> float:
        """The ratio of the network over its last samples; that of the fastest matrix where most stand still."""
        middle = median(self.ratio.values[-int(self.thresholds["late_samples"]) :])
        return middle or self.late_fastest

    @cached_property
    def onset(self) -> int:
        """The first step of large updates."""
        return int(self.ratio.steps[int(np.argmax(self.ratio.values > self.thresholds["high"]))])

    @cached_property
    def size(self) -> float:
        """The typical ratio of the first large updates: what follows is the blow-up itself, not what began it."""
        first_large = self.ratio.between(self.onset, self.signals.step).first(int(self.thresholds["samples"]))
        return median(first_large.values)

    @cached_property
    def rise(self) -> float:
        """The highest loss soon after the large updates, as a multiple of what an untrained network scores.

        Only what came before the first non-finite value counts: that may have a cause of its own.
        """
        loss = self.signals.loss
        reference = loss.reference
        if not reference or reference < 0 or loss.signed:
            return 0.0
        if loss.harm is None and loss.windows is not None:
            reference = loss.height(reference, int(self.thresholds["rise_steps"]))
        history = self.signals.loss.history
        until = self.onset + max(self.thresholds["rise_steps"], self.thresholds["rise_points"] * spacing(history))
        after = history.between(self.onset + 1, int(until)).values
        broken = np.flatnonzero(~np.isfinite(after))
        finite = np.sort(after[: broken[0]] if len(broken) else after)
        outliers = 0 if len(broken) else int(self.thresholds["outliers"])
        return float(finite[-1 - outliers]) / reference if len(finite) > outliers else 0.0
