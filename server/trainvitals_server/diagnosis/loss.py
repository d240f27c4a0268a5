"""The judged loss of a run: where it began, what chance would score, whether it still falls, and what is left of it."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from trainvitals_server.diagnosis import harm
from trainvitals_server.diagnosis.chance import SQUARED, chance_level, untrained_level
from trainvitals_server.diagnosis.criterion import with_targets
from trainvitals_server.diagnosis.harm import Harm
from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.median import quantile
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.recurrence import time_steps
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_server.diagnosis.window import Window, spacing, trend, window_size
from trainvitals_wire.records import Fact


class Loss:
    """What the loss curve says; every property is computed at most once.

    `game` says that several optimizers pull at the loss, as in a GAN, or that an agent makes the data it is of by what
    it has learned: then no level of it means anything. `thresholds`
    are those in force for the run, of which `loss`, `windows` and `chance` are looked at. `of_criterion` is the
    criterion's own value, which is on the scale of chance whatever is logged, `of_targets` the mean and the standard
    deviation of the targets of the batches that were looked at. `ended` says that the run is over, as it was planned.
    """

    def __init__(
        self,
        key: str,
        history: History,
        criterion: Sequence[Fact],
        network: Network,
        step: int,
        warm_up_steps: int,
        game: bool = False,
        thresholds: Mapping[str, Thresholds] = POLICY_DEFAULTS,
        of_criterion: History = EMPTY,
        of_targets: tuple[History, History] = (EMPTY, EMPTY),
        ended: bool = False,
        learning_rate: History = EMPTY,
    ) -> None:
        self.key = key
        self.history = history
        self.game = game
        self.thresholds = thresholds["loss"]
        self.windowing = thresholds["windows"]
        self._chance_thresholds = thresholds["chance"]
        self._criterion = criterion
        self._network = network
        self.step = step
        self.warm_up_steps = warm_up_steps
        self.of_criterion = of_criterion
        self.of_targets = of_targets
        self.ended = ended
        self.learning_rate = learning_rate

    @cached_property
    def finite(self) -> History:
        """The finite points."""
        return self.history.finite()

    @property
    def start(self) -> float | None:
        """The first finite value: the loss of the untrained network."""
        return float(self.finite.values[0]) if len(self.finite) else None

    @cached_property
    def chance(self) -> float | None:
        """The loss at chance, None where it cannot be told."""
        return chance_level(with_targets(self._criterion), self._network, self.start, self._chance_thresholds)

    @property
    def squared(self) -> bool:
        """Whether the criterion is a mean of squared errors."""
        facts = with_targets(self._criterion)
        return facts.get("type") in SQUARED and facts.get("reduction", "mean") == "mean"

    @property
    def untrained(self) -> float:
        """What a network that prefers no class scores, 0 where there are no classes."""
        return untrained_level(with_targets(self._criterion), self._chance_thresholds)

    @cached_property
    def reference(self) -> float | None:
        """What the untrained network scores: chance where it is known, else the lower of its first ten values."""
        if self.start is None:
            return None
        if self.chance is not None:
            return max(self.start, self.chance)
        return max(self.start, quantile(self.finite.values[:10], 0.25))

    @cached_property
    def signed(self) -> bool:
        """Whether the loss is below 0 now and then: about there no multiple of it means anything."""
        return float((self.finite.values < 0).mean()) > self.thresholds["signed"] if len(self.finite) else False

    @cached_property
    def windows(self) -> tuple[Window, Window] | None:
        """The last two windows of equal length, older first; None where the run is too short."""
        n = window_size(self.finite, self.windowing)
        if not n:
            return None
        older = History(self.finite.steps[-2 * n : -n], self.finite.values[-2 * n : -n])
        return Window.of(older), Window.of(self.finite.last(n))

    @cached_property
    def falling(self) -> bool:
        """Whether the loss still falls beyond its own noise: between the last windows, or slowly but all along."""
        if self.windows is None:
            return False
        older, late = self.windows
        return late.below(older, self.windowing) or self._falls_slowly

    @property
    def _falls_slowly(self) -> bool:
        """A plateau that a network is about to leave shows as a small trend over the whole run that has not ended."""
        n = len(self.finite)
        whole, half = trend(self.finite.last(n - n // 10)), trend(self.finite.last(n // 2))
        return whole < -self.windowing["significance"] and half < -self.thresholds["late_trend"]

    @property
    def above_chance(self) -> bool:
        """Whether the loss is clearly worse than that of a network that knows nothing."""
        if self.windows is None or self.chance is None:
            return False
        late = self.windows[1]
        return late.mean - self.windowing["significance"] * late.error > self.chance

    @property
    def share_left(self) -> float | None:
        """The present loss as a share of what the untrained network scores."""
        if self.windows is None or not self.reference:
            return None
        return self.windows[1].mean / self.reference

    @cached_property
    def share_unlearned(self) -> float | None:
        """The most that the present loss may be as a share of what an untrained network scores, noise and all.

        One batch may be far harder than most: where chance is known the present loss is held against it and the first
        window, not against the first point.
        """
        if self.windows is None or self.chance is None or self.start is None:
            return self.share_left
        first = self.finite.first(window_size(self.finite, self.windowing))
        late, untrained = self.windows[1], max(self.chance, min(self.start, float(first.values.mean())))
        return (late.mean + 2 * late.error) / untrained if untrained else None

    @property
    def goes_on(self) -> bool:
        """Whether the first point is no start: that of a resumed run. One logged each 20 steps may begin at step 19."""
        return len(self.history) > 0 and float(self.history.steps[0]) > spacing(self.history.first(10))

    @property
    def learned(self) -> bool:
        """Whether the loss has come down clearly: what it shows now is then no stall."""
        left = self.share_left
        return left is not None and 0 <= left < self.thresholds["learned_left"] and self.harm is None

    @property
    def warming_up(self) -> bool:
        """Whether the run is too young to be judged by its loss."""
        return self.step < self.warm_up_steps

    @property
    def may_wait(self) -> bool:
        """Whether a loss at chance, with nothing wrong beside it, may be a plateau that the network is yet to leave.

        A recurrent one waits for long until what it carries over many steps begins to tell, the longer the more there
        are (Hochreiter and Schmidhuber 1997). A run that is over waits for nothing.
        """
        if not self.recurrent or self.ended:
            return self.warming_up
        limits = self.thresholds
        lag = min(limits["wait_max"], limits["wait_a_time_step"] * time_steps(self._network))
        return self.step < max(limits["settling"] * self.warm_up_steps, lag)

    @property
    def recurrent(self) -> bool:
        """Whether the network carries something from step to step of a sequence."""
        return self._network.recurrent

    @property
    def muted(self) -> bool:
        """In the warm-up, and while the noise hides the level."""
        return self.warming_up or (self.windows is not None and self.level is None)

    @cached_property
    def level(self) -> Window | None:
        """The last window; of batches of one or two samples, whose noise hides its mean, all points since the warm-up.

        None while their mean is not known either.
        """
        if self.windows is None:
            return None
        most = self.thresholds["error_max"] * abs(self.reference or 0.0)
        if self.windows[1].error <= most:
            return self.windows[1]
        since = self.finite.between(self.warm_up_steps, self.step)
        whole = Window.of(since) if len(since) > 1 else None
        return whole if whole is not None and whole.error <= most else None

    @cached_property
    def broke_suddenly(self) -> bool:
        """Whether the loss was well below its start, and not rising, until from one step to the next it broke."""
        n, reference = int(self.thresholds["broke_points"]), self.reference
        values = self.finite.values
        if len(values) < 2 * n or not reference or reference <= 0:
            return False
        last, before = np.median(values[-n:]), np.median(values[-2 * n : -n])
        level = min(self.thresholds["learned_share"] * reference, self.thresholds["diverged_factor"] * before)
        return bool(values[-1] < reference and last < level)

    def height(self, level: float, points: int) -> float:
        """How high the loss of a batch lies at times where its mean is `level`, by how its last points scatter.

        Batches that differ leap as high to the end, and by as large a share at first: that is no doing of the updates.
        """
        recent = self.finite.last(points).values
        if not len(recent):
            return level
        usual, mean = quantile(recent, 0.95), float(recent.mean())
        return max(level * usual / mean if 0 < mean < usual else level, usual)

    @cached_property
    def harm(self) -> Harm | None:
        """The worst that the loss shows."""
        return harm.of(self)

    @cached_property
    def stall(self) -> Harm | None:
        """A loss that has stopped far from learned: evidence only beside a symptom that blocks learning."""
        return harm.stall(self)

    @cached_property
    def crawls(self) -> bool:
        """Whether the loss is far from learned, and at its pace will be so for long."""
        return harm.crawls(self)

    @cached_property
    def comes_down(self) -> bool:
        """Whether it falls since its peak in the last window."""
        return harm.comes_down(self)
