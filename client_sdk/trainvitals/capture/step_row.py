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
        self._rate_keys: tuple[str, ...] = ()
        self._keys: tuple[str, ...] = ("step_seconds",)

    def complete(self, step: int, moment: float, now: float, sample: Sample | None) -> None:
        """The step is done: `moment` in Unix seconds, `now` in seconds of the performance counter."""
        before, self._completed_at = self._completed_at, now
        seconds = None if before is None else now - before
        if seconds is not None:
            depth, spent = (None, 0.0) if sample is None else (sample.depth, sample.training_seconds)
            self._pace.step_took(seconds, depth, spent)
        if self._leads():
            self._tell(step, moment, seconds)

    def _tell(self, step: int, moment: float, seconds: float | None) -> None:
        rate_keys: tuple[str, ...] = ()
        values: tuple[Any, ...] = ()
        if self._facts is not None:
            rate_keys, values = self._facts.learning_rates()
        keys: tuple[str, ...] = rate_keys
        if seconds is not None:
            if rate_keys is not self._rate_keys:
                self._rate_keys, self._keys = rate_keys, (*rate_keys, "step_seconds")
            keys, values = self._keys, (*values, seconds)
        if keys:
            self._collector.statistics(keys, step, moment, values)
