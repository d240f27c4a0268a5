"""What each step leaves behind, sampled or not: its seconds and the learning rates, in one row."""

from collections.abc import Callable
from typing import Any

from trainvitals.capture.optimizer import OptimizerFacts
from trainvitals.capture.pace import Pace
from trainvitals.capture.sample import Sample
from trainvitals.collector import Collector


class StepRow:
    """`leads()`: whether the steps of this watch are those of the run. The pace hears how long each step took."""

    def __init__(
        self, collector: Collector, pace: Pace, facts: OptimizerFacts | None, leads: Callable[[], bool]
    ) -> None:
        self._collector = collector
        self._pace = pace
        self._facts = facts
        self._leads = leads
        self._completed_at: float | None = None

    def complete(self, step: int, moment: float, now: float, sample: Sample | None) -> None:
        """The step is done: `moment` in Unix seconds, `now` in seconds of the performance counter."""
        keys: tuple[str, ...] = ()
        values: tuple[Any, ...] = ()
        leads = self._leads()
        if self._facts is not None and leads:
            keys, values = self._facts.learning_rates()
        if self._completed_at is not None:
            seconds = now - self._completed_at
            depth, spent = (sample.depth, sample.training_seconds) if sample is not None else (None, 0.0)
            self._pace.step_took(seconds, depth, spent)
            if leads:
                keys, values = (*keys, "step_seconds"), (*values, seconds)
        if keys:
            self._collector.statistics(keys, step, moment, values)
        self._completed_at = now
