"""The evaluation passes of a watch: one forward pass of each is sampled, and ends with the model's own forward."""

import time
from collections.abc import Callable
from typing import Any

from trainvitals.capture.hooks import Hook
from trainvitals.capture.layer_hooks import LayerHooks
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.sample import Sample


class Evaluations:
    """Fills the layers' hooks with an evaluation's sample; `on_end(sample)` is called when its forward pass is over."""

    def __init__(
        self, model: Any, phases: Phases, pool: Pool, hooks: LayerHooks, on_end: Callable[[Sample | None], None]
    ) -> None:
        self._model = model
        self._phases = phases
        self._pool = pool
        self._hooks = hooks
        self._on_end = on_end
        self._end: Any = None

    def begin(self, step: int, pause: int) -> None:
        """An evaluation pass begins; it is sampled where the last one was `pause` steps ago."""
        sample = self._pool.take("evaluation") if self._phases.evaluation_due(step, pause) else None
        if sample is not None:
            sample.begin("shallow", "evaluation")
            sample.step, sample.time = step, time.time()
            self._phases.evaluated(step)
            self._end = self._model.register_forward_hook(Hook(self._on_forward_ends))
        self._hooks.fill(sample)

    def leave(self) -> None:
        """The hook goes off; a sample that is still here belongs to a pass that raised, and goes back."""
        if self._end is not None:
            self._end.remove()
            self._end = None
        sample = self._hooks.sample
        if sample is not None and sample.phase == "evaluation":
            self._pool.give_back(sample)

    def _on_forward_ends(self, module: Any, arguments: Any, output: Any) -> None:
        sample, self._hooks.sample = self._hooks.sample, None
        self.leave()
        self._on_end(sample if sample is not None and sample.phase == "evaluation" else None)
