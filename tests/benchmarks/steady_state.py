"""The steady state: watched against bare, bare against bare, and what one captured statistic costs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pairs import Estimate, interleaved, median_extra, median_ratio
from reference import Reference, Trainer
from watched import Watched

CAPTURED = ("statistic", "histogram")
SETTLING_STEPS = 20
"""Behind the first 300: the pace looks at its costs each 16 steps, and only then its intervals are steady."""


@dataclass
class SteadyState:
    """`block_steps` cover the deep interval. `extra`: seconds a captured statistic (a value or a histogram)."""

    reference: Reference
    bare_step_seconds: float
    watched: Estimate
    floor: Estimate
    extra: Estimate
    captured_each_step: float
    capture: dict[str, Any]
    block_steps: int
    pairs: int

    @property
    def met(self) -> bool:
        return self.watched.middle <= self.reference.goal and self.capture["interval"] <= self.reference.interval_max

    def __str__(self) -> str:
        share = self.capture["overhead_fraction"] or 0.0
        return (
            f"steady state: watched / bare {self.watched}, bare / bare {self.floor}; goal {self.reference.goal:.2f} "
            f"at least each {self.reference.interval_max} steps: {'met' if self.met else 'MISSED'}\n"
            f"bare step {self.bare_step_seconds * 1000:.2f} ms; sampled each {self.capture['interval']} steps, deeply "
            f"each {self.capture['deep_interval']}; {self.pairs} pairs of {self.block_steps} steps; "
            f"the run page says {share:.1%}\n"
            f"{self.captured_each_step:.1f} statistics a step, {_micro(self.extra)} us each"
        )


def steady_state(
    reference: Reference, device: str, bare: Trainer, watched: Trainer, follower: Watched, pairs: int
) -> SteadyState:
    """`bare` and `watched` are past their first steps."""
    second = Trainer(reference, device)
    watched.block(SETTLING_STEPS)
    steps = max(reference.interval_max, follower.capture()["deep_interval"])
    second.block(10)
    before = sum(follower.counts(*CAPTURED).values())
    contenders: list[Callable[[], float]] = [
        lambda: bare.block(steps),
        lambda: watched.block(steps),
        lambda: second.block(steps),
    ]
    seconds = interleaved(contenders, pairs)
    captured = (sum(follower.counts(*CAPTURED).values()) - before) / (pairs * steps)
    extra = median_extra(seconds[:, 0], seconds[:, 1])
    return SteadyState(
        reference,
        float(np.median(seconds[:, 0])) / steps,
        median_ratio(seconds[:, 0], seconds[:, 1]),
        median_ratio(seconds[:, 0], seconds[:, 2]),
        Estimate(*(value / (captured * steps) for value in extra)),
        captured,
        follower.capture(),
        steps,
        pairs,
    )


def _micro(estimate: Estimate) -> str:
    return f"{estimate.middle * 1e6:.2f} [{estimate.low * 1e6:.2f}, {estimate.high * 1e6:.2f}]"
