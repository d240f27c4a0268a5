"""What samples cost, and what a step takes without one: the samples' own timing, checked against whole steps."""

from collections import deque
from collections.abc import Callable
from statistics import median

from trainvitals.capture.sample import Depth

STEPS_KEPT = 64
STEPS_COMPARED_MIN = 8
COSTS_KEPT = 8
SURPRISE_MAX = 10.0
"""How many times its own measurement a cost may be when step times with and without it are compared."""


class Costs:
    """All in seconds. `standing()` is what the run has cost so far beside the samples of this watch."""

    def __init__(self, standing: Callable[[], float]) -> None:
        self._standing = standing
        self._stood = standing()
        self._depths: dict[Depth, _OfDepth] = {"shallow": _OfDepth(), "deep": _OfDepth()}
        self._plain: deque[float] = deque(maxlen=STEPS_KEPT)

    def step_took(self, seconds: float, depth: Depth | None, training_seconds: float) -> None:
        """A whole step was timed; `training_seconds` of it were spent on the sample."""
        if depth is None:
            self._plain.append(seconds)
            return
        of = self._depths[depth]
        of.training.append(training_seconds)
        of.rest.append(seconds - training_seconds)
        if len(self._plain) >= STEPS_COMPARED_MIN:
            # Against the steps of its own time: over some hundred steps whole steps drift by more than a sample costs.
            of.surplus.append(seconds - median(self._plain))

    def worker_took(self, depth: Depth, seconds: float) -> None:
        self._depths[depth].worker.append(seconds)

    def of_sample(self, depth: Depth) -> float:
        """One sample, both threads; 0 before the first."""
        return self._depths[depth].seconds()

    def of_step(self) -> float:
        """One step without its sample; 0 before the first."""
        if len(self._plain) >= STEPS_COMPARED_MIN:
            return median(self._plain)
        sampled = self._depths["shallow"].rest
        return max(median(sampled), 1e-6) if sampled else 0.0

    def stood(self, steps: int) -> float:
        """What each of the steps since the last call cost beside its sample: the sender, hooks, other watches."""
        before, self._stood = self._stood, self._standing()
        return max(0.0, self._stood - before) / max(1, steps)


class _OfDepth:
    """The samples of one depth."""

    def __init__(self) -> None:
        self.training: deque[float] = deque(maxlen=COSTS_KEPT)
        self.worker: deque[float] = deque(maxlen=COSTS_KEPT)
        self.rest: deque[float] = deque(maxlen=COSTS_KEPT)
        self.surplus: deque[float] = deque(maxlen=STEPS_KEPT)

    def seconds(self) -> float:
        if not self.training:
            return 0.0
        own = median(self.training)
        if len(self.surplus) >= STEPS_COMPARED_MIN:
            own = max(own, min(median(self.surplus), own * SURPRISE_MAX))
        # A worker that adds to its costs meanwhile would break the iteration.
        return own + (median(tuple(self.worker)) if self.worker else 0.0)
