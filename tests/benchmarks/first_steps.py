"""The first steps of a run: what they cost, and how many values of each statistic a short run gets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pairs import Estimate, interleaved, whole_ratio
from reference import Reference, Trainer
from watched import Watched

COSTLY_STEPS, COSTLY_EXTRA = 200, 0.03
SHORT_RUN_STEPS = 300
BLOCK_STEPS = 10


@dataclass
class FirstSteps:
    """`ratio`: watched / bare over the first 200 steps. `samples`: values of each statistic after 300."""

    reference: Reference
    ratio: Estimate
    samples: dict[str, int]

    def __str__(self) -> str:
        fewest = min(self.samples, key=lambda key: self.samples[key])
        counts = sorted(self.samples.values())
        short = sum(1 for count in counts if count < 30)
        goal = self.reference.goal + COSTLY_EXTRA
        return (
            f"first {COSTLY_STEPS} steps: watched / bare {self.ratio}; "
            f"goal {goal:.2f}: {'met' if self.ratio.middle <= goal else 'MISSED'}\n"
            f"{SHORT_RUN_STEPS} steps: {len(counts)} statistics, {counts[0]} (of {fewest}) to {counts[-1]} values, "
            f"median {counts[len(counts) // 2]}; {short} with fewer than 30; goal 30"
        )


def first_steps(
    reference: Reference, device: str, watch: Callable[[], Watched]
) -> tuple[FirstSteps, Trainer, Trainer, Watched]:
    """The figures, and the last pair of trainers with its run, past its first 300 steps."""
    bare_seconds, watched_seconds = [], []
    for turn in range(reference.young_runs):
        follower = watch()
        bare, watched = Trainer(reference, device), Trainer(reference, device, follower)
        bare.block(BLOCK_STEPS)
        seconds = interleaved(
            [lambda of=bare: of.block(BLOCK_STEPS), lambda of=watched: of.block(BLOCK_STEPS)],  # type: ignore[misc]
            SHORT_RUN_STEPS // BLOCK_STEPS,
        )[: COSTLY_STEPS // BLOCK_STEPS]
        bare_seconds.append(seconds[:, 0])
        watched_seconds.append(seconds[:, 1])
        if turn < reference.young_runs - 1:
            follower.close()
    ratio = whole_ratio(np.concatenate(bare_seconds), np.concatenate(watched_seconds))
    return FirstSteps(reference, ratio, follower.counts("statistic")), bare, watched, follower
