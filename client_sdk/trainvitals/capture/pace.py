"""The pace: how often to sample, so that capture costs no more than its share of the training time."""

import math
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from trainvitals.capture.costs import Costs
from trainvitals.capture.sample import Depth

DENSE_STEPS = 20
"""The first steps are all sampled: faults of initialisation show there."""
DENSE_DEEP_INTERVAL = 10
"""Of those the first and the eleventh are deep: what is exact is so in all of them, the rest is mostly histograms."""
COSTLY_STEPS = 200
COSTLY_EXTRA = 0.03
"""The first steps may cost more: so much of their time on top of the budget."""
YOUNG_STEPS = 300
YOUNG_INTERVAL_MAX = 15
YOUNG_SAMPLES = 38
"""With the dense steps a short run too gets so many samples: a window of 8 fills, and 30 values follow it."""
YOUNG_DEEP_INTERVAL_MAX = 60
YOUNG_DEEP_SHARE_MAX = 0.02
"""A young run's samples leave deep steps no room: its histograms come so often where they cost no more than this."""
AIM = 0.75
"""The share of the budget that is planned for; caches and the interpreter lock take the rest unseen."""
INTERVAL_MAX: dict[Depth, int] = {"shallow": 100, "deep": 500}
OFTEN_INTERVAL = 10
"""What is read as it happens wants each statistic so often; below that samples leave half of the room to deep steps."""
DEEP_INTERVAL_FIXED = 10
"""With `log_freq`, each so many samples is a deep one."""
ALARM_STEPS = 10
ALARM_PAUSE_STEPS = 200
"""An alarm asks for samples at once; one that never ends must not cost more than this."""
PLAN_INTERVAL = 16
"""Steps between two looks at the costs: the look itself takes some 50 us."""
STANDING_KEPT = 0.9
"""What the running mean of the standing cost keeps at each look: the sender works in bursts."""
RATIOS_KEPT = 64


class _Alarm(NamedTuple):
    """From the `start`-th step on."""

    start: int
    reason: str
    grave: bool


class Pace:
    """Decides before each step whether it is sampled; `log_freq` overrides the budget.

    `aligned`: intervals are powers of two and samples fall on their multiples, so that processes with other costs
    sample the same steps without a word between them. `standing()`: seconds that the run has cost so far beside the
    samples (sender, hooks); the budget covers them too.
    """

    def __init__(
        self,
        budget: float,
        log_freq: int | None,
        *,
        aligned: bool = False,
        standing: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._budget = budget
        self._aligned = aligned
        self._within_budget = f"{budget:.1%} of the training time"
        self._log_freq = log_freq
        self._costs = Costs(standing)
        self._standing: float | None = None
        self._planned_at = 0
        self._last: dict[Depth, int] = {"shallow": -1, "deep": -1}
        self._before = self._last
        self._taken = 0
        self._ratios: deque[tuple[float, float]] = deque(maxlen=RATIOS_KEPT)
        self._spent = self._elapsed = 0.0
        self._alarm: _Alarm | None = None
        self._count = -1
        self._idle_until = 0
        self.interval: dict[Depth, int] = {"shallow": 1, "deep": DENSE_DEEP_INTERVAL}
        self.mode = "dense"
        self.reason = f"the first {DENSE_STEPS} steps are all sampled"

    def choose(self, count: int) -> Depth | None:
        """How the step that is about to begin, the `count`-th of the watch from 0, is sampled."""
        self._count = count
        if count < self._idle_until:
            return None
        alarm = self._alarm
        if alarm is not None and count == alarm.start:
            self.mode, self.reason = "alarm", alarm.reason
            chosen: Depth | None = "deep"
        elif self._log_freq is not None:
            chosen = self._choose_fixed(count, self._log_freq)
        elif count < DENSE_STEPS:
            chosen = "deep" if count % DENSE_DEEP_INTERVAL == 0 else "shallow"
        else:
            chosen = self._choose_by_budget(count)
        if chosen is None:
            return None
        self._before = self._last.copy()
        self._taken += 1
        self._last["shallow"] = count
        if chosen == "deep":
            self._last["deep"] = count
        return chosen

    def rests(self, count: int) -> bool:
        """Whether it is known already that the `count`-th step, which is about to begin, is not sampled."""
        if count >= self._idle_until:
            return False
        self._count = count
        return True

    @property
    def postpones(self) -> bool:
        """Whether a sample that cannot be taken is only late: the next step tries again."""
        return self.mode == "budget" and not self._aligned

    def missed(self) -> None:
        """What was chosen last was not sampled: no buffers were free."""
        self._last = self._before
        self._taken -= 1

    def alarm(self, reason: str, *, at: int | None = None, grave: bool = False) -> bool:
        """Something happened: sample the next steps, from the `at`-th of the watch on; whether that is done.

        It is done once in a while, and a grave alarm is held back by none but grave ones. From any thread.
        """
        count = self._count + 1 if at is None else at
        before = self._alarm
        if before is not None and count < before.start + ALARM_PAUSE_STEPS and (before.grave or not grave):
            return False
        self._alarm = _Alarm(count, reason, grave)
        self._idle_until = 0
        return True

    def stop(self, reason: str) -> None:
        """Nothing is sampled any more."""
        self.mode, self.reason = "off", reason

    def step_took(self, seconds: float, depth: Depth | None, training_seconds: float) -> None:
        """A whole step was timed; `training_seconds` of it were spent on the sample."""
        self._costs.step_took(seconds, depth, training_seconds)

    def worker_took(self, depth: Depth, seconds: float) -> None:
        """The worker spent this much processor time on one sample."""
        self._costs.worker_took(depth, seconds)

    def spent(self, seconds: float, elapsed: float) -> float:
        """The share of the recent time that went into capture, all threads together."""
        if len(self._ratios) == RATIOS_KEPT:
            oldest_seconds, oldest_elapsed = self._ratios[0]
            self._spent, self._elapsed = self._spent - oldest_seconds, self._elapsed - oldest_elapsed
        self._ratios.append((seconds, elapsed))
        self._spent, self._elapsed = self._spent + seconds, self._elapsed + elapsed
        return max(0.0, self._spent) / max(self._elapsed, 1e-9)

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
            self._plan(count)
        alarm = self._alarm
        if alarm is not None and 0 <= count - alarm.start < ALARM_STEPS:
            self.mode, self.reason = "alarm", alarm.reason
            return "shallow"
        self.mode, self.reason = "budget", self._within_budget
        if self._due("deep", count) <= count:
            return "deep"
        if self._due("shallow", count) <= count:
            return "shallow"
        planned = (count // PLAN_INTERVAL + 1) * PLAN_INTERVAL
        self._idle_until = min(planned, self._due("deep", count), self._due("shallow", count))
        if self._alarm is not alarm:
            # It came in between, from another thread.
            self._idle_until = 0
        return None

    def _due(self, depth: Depth, count: int) -> int:
        """The step, not before `count`, that is sampled next."""
        interval = self.interval[depth]
        return -(-count // interval) * interval if self._aligned else self._last[depth] + interval

    def _plan(self, count: int) -> None:
        """Samples come before deep steps, which get what is left of the room, as far as that is needed."""
        step = self._costs.of_step()
        if step <= 0:
            return
        room = self._room(count, step)
        shallow, deep = self._costs.of_sample("shallow"), self._costs.of_sample("deep")
        every = self._often(shallow, room, self._widest(count))
        # A deep step is a sample too: it costs what it does beyond a shallow one, and takes its place.
        more = max(deep - shallow, 0.0)
        affordable = count < YOUNG_STEPS and 0 < more <= YOUNG_DEEP_SHARE_MAX * YOUNG_DEEP_INTERVAL_MAX * step
        deep_widest = YOUNG_DEEP_INTERVAL_MAX if affordable and self._budget > 0 else INTERVAL_MAX["deep"]
        deep_every = self._rounded(more, room - shallow / every, deep_widest)
        # Were every sample deep, what a shallow one costs would stay what it was while the run was young.
        self.interval = {"shallow": every, "deep": max(2 * every, deep_every)}

    def _often(self, cost: float, room: float, widest: int) -> int:
        """Half of the room is enough for samples that come often; those that would be rarer get all of it first."""
        return max(
            self._rounded(cost, room, widest),
            min(self._rounded(cost, room / 2, widest), OFTEN_INTERVAL),
        )

    def _widest(self, count: int) -> int:
        """The greatest interval; of a young run one that makes up for samples that were missed."""
        if count >= YOUNG_STEPS or self._budget <= 0:
            return INTERVAL_MAX["shallow"]
        wanted = max(1, YOUNG_SAMPLES - self._taken)
        return max(1, min(YOUNG_INTERVAL_MAX, (YOUNG_STEPS - count) // wanted))

    def _room(self, count: int, step: float) -> float:
        """Seconds that the samples may cost each step: what is planned for, less what stands."""
        stood = self._costs.stood(count - self._planned_at)
        self._planned_at = count
        before = stood if self._standing is None else self._standing
        self._standing = STANDING_KEPT * before + (1 - STANDING_KEPT) * stood
        share = self._budget + (COSTLY_EXTRA if count < COSTLY_STEPS and self._budget > 0 else 0.0)
        return max(0.0, AIM * share * step - self._standing)

    def _rounded(self, cost: float, room: float, greatest: int) -> int:
        """So seldom that `cost` each time is at most `room` each step."""
        wanted = cost / room if room > 0 else math.inf
        interval = max(1, math.ceil(min(wanted, greatest)))
        return _power_of_two(interval, greatest) if self._aligned else interval


def _power_of_two(interval: int, greatest: int) -> int:
    """The next one, or the last that is allowed."""
    return 1 << min((interval - 1).bit_length(), greatest.bit_length() - 1)
