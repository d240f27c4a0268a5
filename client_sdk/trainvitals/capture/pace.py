"""The pace: how often to sample, so that capture costs no more than its share of the training time."""

import math
from collections import deque
from statistics import median
from typing import Any

from trainvitals.capture.sample import Depth

DENSE_STEPS = 20
"""The first steps are all sampled: faults of initialisation show there."""
DENSE_DEEP_INTERVAL = 5
AIM = 0.5
"""The share of the budget that is planned for; caches and the interpreter lock take the rest unseen."""
INTERVAL_MAX: dict[Depth, int] = {"shallow": 100, "deep": 500}
DEEP_INTERVAL_FIXED = 10
"""With `log_freq`, each so many samples is a deep one."""
ALARM_STEPS = 10
ALARM_PAUSE_STEPS = 200
"""An alarm asks for samples at once; one that never ends must not cost more than this."""
STEPS_KEPT = 64
STEPS_COMPARED_MIN = 8
COSTS_KEPT = 8
PLAN_INTERVAL = 16
"""Steps between two looks at the costs: the look itself takes some 50 us."""
SURPRISE_MAX = 10.0
"""How many times its own measurement a cost may be when step times with and without it are compared."""


class _Cost:
    """What one sample of a depth costs: its own timing in both threads, checked against whole steps."""

    def __init__(self) -> None:
        self.training: deque[float] = deque(maxlen=COSTS_KEPT)
        self.worker: deque[float] = deque(maxlen=COSTS_KEPT)
        self.steps: deque[float] = deque(maxlen=STEPS_KEPT)

    def seconds(self, plain: deque[float]) -> float:
        if not self.training:
            return 0.0
        own = median(self.training)
        if len(plain) >= STEPS_COMPARED_MIN and len(self.steps) >= STEPS_COMPARED_MIN:
            own = max(own, min(median(self.steps) - median(plain), own * SURPRISE_MAX))
        return own + (median(self.worker) if self.worker else 0.0)


class Pace:
    """Decides before each step whether it is sampled; `log_freq` overrides the budget.

    `aligned`: intervals are powers of two and samples fall on their multiples, so that processes with other costs
    sample the same steps without a word between them.
    """

    def __init__(self, budget: float, log_freq: int | None, *, aligned: bool = False) -> None:
        self._budget = budget
        self._aligned = aligned
        self._within_budget = f"{budget:.1%} of the training time"
        self._log_freq = log_freq
        self._costs: dict[Depth, _Cost] = {"shallow": _Cost(), "deep": _Cost()}
        self._plain: deque[float] = deque(maxlen=STEPS_KEPT)
        self._last: dict[Depth, int] = {"shallow": -1, "deep": -1}
        self._ratios: deque[tuple[float, float]] = deque(maxlen=STEPS_KEPT)
        self._alarm: tuple[int, str] | None = None
        self._count = -1
        self.interval: dict[Depth, int] = {"shallow": 1, "deep": DENSE_DEEP_INTERVAL}
        self.mode = "dense"
        self.reason = f"the first {DENSE_STEPS} steps are all sampled"

    def choose(self, count: int) -> Depth | None:
        """How the step that is about to begin, the `count`-th of the watch from 0, is sampled."""
        self._count = count
        if self._log_freq is not None:
            chosen = self._choose_fixed(count, self._log_freq)
        elif count < DENSE_STEPS:
            chosen = "deep" if count % DENSE_DEEP_INTERVAL == 0 else "shallow"
        else:
            chosen = self._choose_by_budget(count)
        if chosen is not None:
            self._last["shallow"] = count
        if chosen == "deep":
            self._last["deep"] = count
        return chosen

    def alarm(self, reason: str) -> None:
        """Something happened: sample the next steps, at most so often. From any thread."""
        count = self._count + 1
        if self._alarm is None or count >= self._alarm[0] + ALARM_PAUSE_STEPS:
            self._alarm = (count, reason)

    def stop(self, reason: str) -> None:
        """Nothing is sampled any more."""
        self.mode, self.reason = "off", reason

    def step_took(self, seconds: float, depth: Depth | None, training_seconds: float) -> None:
        """A whole step was timed; `training_seconds` of it were spent on the sample."""
        if depth is None:
            self._plain.append(seconds)
        else:
            self._costs[depth].steps.append(seconds)
            self._costs[depth].training.append(training_seconds)

    def worker_took(self, depth: Depth, seconds: float) -> None:
        """The worker spent this much processor time on one sample."""
        self._costs[depth].worker.append(seconds)

    def spent(self, seconds: float, elapsed: float) -> float:
        """The share of the recent time that went into capture, all threads together."""
        self._ratios.append((seconds, elapsed))
        return sum(cost for cost, _ in self._ratios) / max(sum(time for _, time in self._ratios), 1e-9)

    def state(self) -> dict[str, Any]:
        """What reports tell about it."""
        return {
            "interval": self.interval["shallow"],
            "deep_interval": self.interval["deep"],
            "mode": self.mode,
            "reason": self.reason,
        }

    def _choose_fixed(self, count: int, interval: int) -> Depth | None:
        self.interval = {"shallow": interval, "deep": interval * DEEP_INTERVAL_FIXED}
        self.mode, self.reason = "fixed", f"log_freq={interval}"
        if count % interval:
            return None
        return "deep" if count % (interval * DEEP_INTERVAL_FIXED) == 0 else "shallow"

    def _choose_by_budget(self, count: int) -> Depth | None:
        if count % PLAN_INTERVAL == 0 or count == DENSE_STEPS:
            self._plan()
        if self._alarm is not None and 0 <= count - self._alarm[0] < ALARM_STEPS:
            self.mode, self.reason = "alarm", self._alarm[1]
            return "deep" if count == self._alarm[0] else "shallow"
        self.mode, self.reason = "budget", self._within_budget
        if self._is_due("deep", count):
            return "deep"
        return "shallow" if self._is_due("shallow", count) else None

    def _is_due(self, depth: Depth, count: int) -> bool:
        if self._aligned:
            return count % self.interval[depth] == 0
        return count - self._last[depth] >= self.interval[depth]

    def _plan(self) -> None:
        """Half of what is planned for goes to samples, half to deep steps."""
        step = self._step_seconds()
        if step <= 0:
            return
        for depth, cost in self._costs.items():
            wanted = cost.seconds(self._plain) / (self._budget * AIM / 2 * step) if self._budget > 0 else math.inf
            interval = max(1, math.ceil(min(wanted, INTERVAL_MAX[depth])))
            self.interval[depth] = _power_of_two(interval, INTERVAL_MAX[depth]) if self._aligned else interval
        # A deep step is a sample too.
        self.interval["deep"] = max(self.interval["deep"], self.interval["shallow"])

    def _step_seconds(self) -> float:
        """A step without its sample."""
        if len(self._plain) >= STEPS_COMPARED_MIN:
            return median(self._plain)
        cost = self._costs["shallow"]
        return median(cost.steps) - median(cost.training) if cost.steps else 0.0


def _power_of_two(interval: int, greatest: int) -> int:
    """The next one, or the last that is allowed."""
    return 1 << min((interval - 1).bit_length(), greatest.bit_length() - 1)
