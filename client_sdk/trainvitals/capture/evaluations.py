"""The evaluation passes of a watch: one forward pass of each is sampled, and ends with the model's own forward."""

import time
from collections.abc import Callable

from trainvitals.capture.layer_hooks import LayerHooks
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.sample import Sample


class Evaluations:
    """Fills the layers' hooks with an evaluation's sample; `on_end(sample)` is called when its forward pass is over."""

    def __init__(self, phases: Phases, pool: Pool, hooks: LayerHooks, on_end: Callable[[Sample], None]) -> None:
        self._phases = phases
        self._pool = pool
        self._hooks = hooks
        self._on_end = on_end

    def begin(self, step: int, pause: int) -> None:
        """An evaluation pass begins; it is sampled where the last one was `pause` steps ago."""
        sample = self._pool.take("evaluation") if self._phases.evaluation_due(step, pause) else None
        if sample is not None:
            sample.begin("shallow", "evaluation")
            sample.step, sample.time = step, time.time()
            self._phases.evaluated(step)
        self._hooks.fill(sample)

    def leave(self) -> None:
        """A sample that is still here belongs to a pass that raised, and goes back."""
        sample = self._hooks.sample
        if sample is not None and sample.phase == "evaluation":
            self._pool.give_back(sample)

    def end(self) -> None:
        """A forward pass is over: if it was a sampled evaluation, hand its sample over."""
        sample = self._hooks.sample
        if sample is not None and sample.phase == "evaluation":
            self._hooks.sample = None
            self._on_end(sample)
