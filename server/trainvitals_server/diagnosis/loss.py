"""Reads the loss curve: where it began, what chance would score, whether it makes progress, whether there is harm."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from trainvitals_server.diagnosis.chance import chance_level
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.records import Fact, Severity

WINDOW_MIN, WINDOW_MAX = 10, 500
"""Points in each of the two windows that are compared."""
SIGNIFICANT_T = 3.0
"""Two windows differ when their means are this many standard errors apart (Welch's t)."""
FALL_MIN = 0.005
"""A fall of less than half a percent between windows is no progress even where it is significant."""
CHANCE_SHARE = 0.98
"""A loss above this share of chance is no better than chance."""
LEARNED_SHARE = 0.9
"""A loss below this share of chance has learned something, even where it does not fall any more."""
DIVERGED_FACTOR = 1.5
"""A loss this many times its start, or its best, has diverged."""
ERROR_MAX = 0.015
"""A mean known no better than to this share of the reference says nothing: a fall of 5 % would drown in the noise."""
PROGRESS_MIN = 0.05
"""A fall of the loss by this share of its start would be progress."""
STALLED_SHARE = 0.5
"""A loss that stops falling above this share of its start has stalled."""
NON_FINITE_POINTS = 3
"""One bad batch is not the end of a run: so many of the last five points must be non-finite."""

HarmKind = Literal["non_finite", "diverging", "at_chance", "no_progress"]


@dataclass(frozen=True, slots=True)
class Harm:
    """Evidence that training fails, without which a symptom is only a note."""

    kind: HarmKind
    first_step: int
    value: float
    why: str
    worst: Severity


@dataclass(frozen=True, slots=True)
class Window:
    """Mean, standard error and spread of a stretch of the loss."""

    mean: float
    error: float
    std: float
    first_step: int

    @classmethod
    def of(cls, points: History) -> "Window":
        """Summarise at least two finite points."""
        std = float(points.values.std(ddof=1))
        return cls(float(points.values.mean()), std / math.sqrt(len(points)), std, int(points.steps[0]))

    def below(self, other: "Window") -> bool:
        """Whether this window lies clearly below the other."""
        gap = other.mean - self.mean
        noise = math.hypot(self.error, other.error)
        return gap > SIGNIFICANT_T * noise and gap > FALL_MIN * abs(other.mean)


def _trend(points: History) -> float:
    """The slope of a straight line through the points in standard errors (Student's t)."""
    x = points.steps - points.steps.mean()
    spread = float((x * x).sum())
    slope = float((x * points.values).sum()) / spread
    rest = points.values - points.values.mean() - slope * x
    error = math.sqrt(float((rest * rest).sum()) / max(1, len(points) - 2) / spread)
    return slope / error if error > 0 else math.copysign(math.inf, slope) if slope else 0.0


class Loss:
    """The judged loss of a run and what it says; every property is computed once."""

    def __init__(
        self, key: str, history: History, criterion: Sequence[Fact], network: Network, step: int, warm_up_steps: int
    ) -> None:
        self.key = key
        self.history = history
        self._criterion = criterion
        self._network = network
        self._step = step
        self._warm_up_steps = warm_up_steps

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
        return chance_level(self._criterion, self._network, self.start)

    @property
    def reference(self) -> float | None:
        """What the untrained network scores: chance where it is known, else the lower of its first ten values."""
        if self.start is None:
            return None
        if self.chance is not None:
            return max(self.start, self.chance)
        return max(self.start, float(np.quantile(self.finite.values[:10], 0.25)))

    @cached_property
    def windows(self) -> tuple[Window, Window] | None:
        """The last two windows of equal length, older first; None where the run is too short."""
        n = min(WINDOW_MAX, len(self.finite) // 4)
        if n < WINDOW_MIN:
            return None
        return Window.of(History(self.finite.steps[-2 * n : -n], self.finite.values[-2 * n : -n])), Window.of(
            self.finite.last(n)
        )

    @property
    def falling(self) -> bool:
        """Whether the loss still falls beyond its own noise: between the last windows, or slowly but all along."""
        if self.windows is None:
            return False
        return self.windows[1].below(self.windows[0]) or self._falls_slowly

    @property
    def _falls_slowly(self) -> bool:
        """A plateau that a network is about to leave shows as a small trend over the whole run that has not ended."""
        n = len(self.finite)
        whole, half = _trend(self.finite.last(n - n // 10)), _trend(self.finite.last(n // 2))
        return whole < -SIGNIFICANT_T and half < -1.0

    @property
    def share_left(self) -> float | None:
        """The present loss as a share of what the untrained network scores."""
        if self.windows is None or not self.reference:
            return None
        return self.windows[1].mean / self.reference

    @property
    def learned(self) -> bool:
        """Whether the loss has come down clearly (below 80 % of its start): what it shows now is then no stall."""
        return self.share_left is not None and 0 <= self.share_left < 0.8 and self.harm is None

    @property
    def stall(self) -> Harm | None:
        """The loss has stopped falling while more than half of it is left.

        Many sound trainings end so; only together with a symptom that blocks learning is it evidence of harm.
        """
        if self.windows is None or self._muted or self.falling or (self.share_left or 0.0) < STALLED_SHARE:
            return None
        late = self.windows[1]
        why = f"the loss has stopped falling at {late.mean:.3g}"
        return Harm("no_progress", late.first_step, late.mean, why, "warning")

    @cached_property
    def harm(self) -> Harm | None:
        """The worst that the loss shows: non-finite, diverging, no better than chance, or no progress."""
        return self._non_finite() or self._diverging() or self._risen() or self._at_chance() or self._no_progress()

    def _non_finite(self) -> Harm | None:
        bad = ~np.isfinite(self.history.values)
        if bad[-5:].sum() < min(NON_FINITE_POINTS, len(bad)) or not bad.any():
            return None
        last_good = int(np.flatnonzero(~bad)[-1]) if not bad.all() else -1
        first_bad = last_good + 1 if bad[-1] else len(bad) - 5 + int(np.argmax(bad[-5:]))
        first = int(self.history.steps[first_bad])
        return Harm("non_finite", first, math.nan, f"the loss is not finite since step {first}", "critical")

    def _diverging(self) -> Harm | None:
        if self.windows is None or self.reference is None or self.reference <= 0:
            return None
        late, limit = self.windows[1], DIVERGED_FACTOR * self.reference
        if late.mean - SIGNIFICANT_T * late.error <= limit or self._recovering:
            return None
        first = self._since_above(limit)
        why = f"the loss is {late.mean:.3g}, above the {self.reference:.3g} of an untrained network, since step {first}"
        return Harm("diverging", first, late.mean, why, "critical")

    @property
    def _recovering(self) -> bool:
        """A loss that falls fast from far above, as after a wild start, may still come down."""
        assert self.windows is not None
        return self.windows[1].below(self.windows[0]) and self.windows[1].mean < 0.8 * self.windows[0].mean

    def _risen(self) -> Harm | None:
        """The loss came down and has gone up again, far beyond its noise."""
        if self.windows is None or self.reference is None or self.reference <= 0:
            return None
        late = self.windows[1]
        n = min(WINDOW_MAX, len(self.finite) // 4)
        means = np.convolve(self.finite.values, np.full(n, 1 / n), "valid")
        best = float(means.min())
        risen = late.mean - best
        if risen < 0.2 * self.reference or late.mean < DIVERGED_FACTOR * best or risen < 2 * SIGNIFICANT_T * late.error:
            return None
        first = int(self.finite.steps[int(np.argmin(means)) + n - 1])
        why = f"the loss rose from {best:.3g} to {late.mean:.3g} since step {first}"
        return Harm("diverging", first, late.mean, why, "warning")

    def _at_chance(self) -> Harm | None:
        if self.windows is None or self.chance is None or self._muted or self.start is None:
            return None
        late = self.windows[1]
        # A loss on another scale than the criterion's must not pass for chance: after a deep fall only a close match
        # counts.
        near = late.mean <= 1.1 * self.chance or late.mean > 0.5 * self.start
        if late.mean < CHANCE_SHARE * self.chance or self.falling or not near:
            return None
        why = f"the loss is {late.mean:.3g}, no better than the {self.chance:.3g} of chance"
        return Harm("at_chance", self._since_above(CHANCE_SHARE * self.chance), late.mean, why, "warning")

    def _no_progress(self) -> Harm | None:
        if self.windows is None or self._muted or self.reference is None or self.history.steps[0] > 0:
            return None
        older, late = self.windows
        start = Window.of(self.finite.first(min(WINDOW_MAX, len(self.finite) // 4)))
        # To say that nothing was learned, a fall worth the name must be excluded, not just unproven.
        if start.mean - late.mean + 2 * math.hypot(start.error, late.error) > PROGRESS_MIN * abs(self.reference):
            return None
        # A loss that hovers about zero in its own noise (as in games of two networks) has no level to judge.
        tells_level = abs(late.mean) > SIGNIFICANT_T * late.std
        better_than_chance = self.chance is not None and late.mean < LEARNED_SHARE * self.chance
        if late.below(start) or late.below(older) or not tells_level or better_than_chance:
            return None
        why = f"the loss is {late.mean:.3g} and started at {start.mean:.3g}: no change beyond its noise"
        return Harm("no_progress", start.first_step, late.mean, why, "warning")

    @property
    def _muted(self) -> bool:
        """In the warm-up, and while the noise hides the level (batches of one or two samples)."""
        noisy = self.windows is not None and self.windows[1].error > ERROR_MAX * abs(self.reference or 0.0)
        return noisy or self._step < self._warm_up_steps

    def _since_above(self, limit: float) -> int:
        """The step since which the smoothed loss has stayed above a limit."""
        values, steps = self.finite.values, self.finite.steps
        n = max(1, min(5, len(values) // 10))
        below = np.flatnonzero(np.convolve(values, np.full(n, 1 / n), "valid") < limit)
        return int(steps[min(len(steps) - 1, below[-1] + n)]) if len(below) else int(steps[0])
