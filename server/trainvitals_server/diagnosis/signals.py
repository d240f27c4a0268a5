"""All that is known of a run, built from its reports alone."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX
from trainvitals_server.diagnosis.criterion import Criterion, merged
from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.kept import Shelf
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.loss_series import judged_loss, logged_loss, validation_loss
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.series import Series
from trainvitals_server.diagnosis.shape import Shape
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_wire.loss_names import is_reward
from trainvitals_wire.names import CRITERION_LOSS_KEY
from trainvitals_wire.records import Fact
from trainvitals_wire.report import Report

T = TypeVar("T")

WEIGHT_HISTOGRAMS = "weight/"
"""The histograms of which the last one is kept."""
LOOKS_MIN = 8
"""Batches that are no chance where all hold the same label."""
FACTS_MAX = 256
"""Most facts of one kind: the first half and the last half are kept."""


class Signals(Series):
    """Series, layers and facts of one run. `add` is cheap; what rules ask for is built then and kept until `add`.

    `thresholds` maps a rule, or a group of the policy, to the numbers in force for the run.
    """

    def __init__(
        self, thresholds: Mapping[str, Thresholds] = POLICY_DEFAULTS, cells_max: int = BLOCK_CELLS_MAX
    ) -> None:
        super().__init__(cells_max)
        self.thresholds = thresholds
        self.network = Network()
        self.ended = False
        """The run came to the end that was planned for it: what it waited for will not come."""
        self._facts: dict[str, list[Fact]] = {}
        self._once: dict[Callable[[Signals], Any], Any] = {}
        self.shapes: dict[str, Shape] = {}
        self._shelves: dict[int, Shelf] = defaultdict(Shelf)

    def add(self, report: Report) -> None:
        """Take in a report; the order of reports does not matter where their steps differ."""
        self.ended = False
        for frame in report.frames:
            self._add_frame(frame)
        for fact in report.facts:
            self._add_fact(fact)
        if report.layers is not None or any(fact["kind"] == "wiring" for fact in report.facts):
            layers = self.network.layers if report.layers is None else report.layers
            self.network = Network(layers, self._repeated)
            self._at_start.clear()
        for histogram in report.histograms:
            if histogram.edges is None and histogram.key.startswith(WEIGHT_HISTOGRAMS):
                self.shapes[histogram.key] = Shape(histogram)
        self._forget()

    def end(self) -> None:
        """The run is over; one that is resumed goes on with its next report."""
        self.ended = True
        self._forget()

    def _forget(self) -> None:
        self._histories.clear()
        self._once.clear()
        for name in ("loss", "criterion", "learning_rate", "warm_up_steps"):
            self.__dict__.pop(name, None)

    def rest(self) -> None:
        """Let go of what was built for one evaluation; it is built again when it is asked for."""
        self._histories.clear()
        self._once.clear()

    def facts(self, kind: str) -> list[Fact]:
        """The facts of a kind in the order they came."""
        return self._facts.get(kind, [])

    @cached_property
    def loss(self) -> Loss:
        """The loss that is judged (DESIGN.md section 3)."""
        key = judged_loss(self.history, self.metrics)
        history = self.history(key)
        facts = [*self.facts("criterion"), *self.facts("labels"), *self.facts("target")]
        if not facts or (self.criterion.get("read_from") and not self._logs_criterion(history)):
            facts = self._told_by_gradient
        return Loss(
            key,
            history,
            facts,
            self.network,
            self.step,
            self.warm_up_steps,
            self.several_optimizers or any(map(is_reward, self.metrics)) or self._shown_one_label,
            self.thresholds,
            self.history(CRITERION_LOSS_KEY),
            (self.history("target_mean").finite(), self.history("target_std").finite()),
            self.ended,
            self.learning_rate,
        )

    def _logs_criterion(self, logged: History) -> bool:
        """Whether the logged loss is what the gradient tells, and no sum with something else, nor on another scale."""
        value, step = self.criterion.get("value"), int(self.criterion.get("step", 0))
        if value is None or self.criterion.get("reduction") != "mean" or not len(logged):
            return False
        place = int(np.abs(logged.steps - step).argmin())
        near = abs(int(logged.steps[place]) - step) <= self.thresholds["loss"]["own_steps"]
        apart = self.thresholds["loss"]["own_factor"]
        return near and bool(value / apart <= logged.values[place] <= value * apart)

    @property
    def _told_by_gradient(self) -> list[Fact]:
        """A mean cross-entropy that is a function, as if it were watched: of what it was fed only the classes."""
        seen: Fact | None = next((fact for fact in self.facts("loss_gradient") if not fact.get("owner")), None)
        told = seen["details"] if seen else {}
        if seen is None or told.get("form") != "cross_entropy" or told["outputs"] < 2:
            return []
        rows = math.prod(told["output_shape"]) / told["outputs"]
        if abs(told["scale"] * rows - 1) > self.thresholds["loss_reduction"]["exact"]:
            return []
        return [{**seen, "kind": "criterion", "type": "CrossEntropyLoss", "details": {"classes": told["outputs"]}}]

    def once(self, compute: Callable[["Signals"], T]) -> T:
        """What several rules ask for, computed once until the next report."""
        if compute not in self._once:
            self._once[compute] = compute(self)
        found: T = self._once[compute]
        return found

    def shelf(self, thresholds: Thresholds) -> Shelf:
        """Where a rule, known by its thresholds, keeps the findings that stand."""
        return self._shelves[id(thresholds)]

    @property
    def several_optimizers(self) -> bool:
        """Whether two optimizers were watched from one step on; a resumed run tells of its one again later."""
        steps = [fact["step"] for fact in self.facts("optimizer")]
        return len(steps) != len(set(steps))

    @property
    def _shown_one_label(self) -> bool:
        """Whether all batches looked at hold one and the same label: a critic's, that is shown the others elsewhere."""
        told = [fact["details"] for fact in self.facts("labels")[-1:]]
        return any(seen.get("labels_seen") == 1 and seen.get("looks", 0) >= LOOKS_MIN for seen in told)

    @property
    def validation_loss(self) -> History:
        """The validation loss, empty where none is logged."""
        return self.history(key) if (key := self.validation_loss_key) else EMPTY

    @property
    def validation_loss_key(self) -> str | None:
        """What the user calls it, None where none is logged."""
        return validation_loss(self.history, self.metrics)

    @property
    def logged_loss(self) -> History:
        """The user's own loss, empty where only the criterion's value is known."""
        return self.history(key) if (key := logged_loss(self.history, self.metrics)) else EMPTY

    @cached_property
    def criterion(self) -> Criterion:
        """What the criterion was fed; empty where none is watched."""
        return merged(self.facts("criterion"))

    @cached_property
    def learning_rate(self) -> History:
        """The learning rate of the first parameter group."""
        return self.history("learning_rate")

    @cached_property
    def warm_up_steps(self) -> int:
        """Until which step the shape of training is not judged: 100 steps, 1600 samples, the warm-up of the rate.

        Of batches of one or two 800 steps are enough.
        """
        warm_up = self.thresholds["warm_up"]
        samples = int(warm_up["samples"])
        steps = max(int(warm_up["steps"]), min(samples // max(1, self._batch_size), int(warm_up["steps_max"])))
        return max(steps, _rising_until(self.learning_rate, warm_up["rate_rise"]))

    @property
    def _batch_size(self) -> int:
        """Of what the criterion was fed first, else of the first batch that was looked at."""
        if shape := self.criterion.get("output_shape"):
            return int(shape[0])
        sizes = (fact["details"].get("size") for fact in self.facts("batch")[:1] if not fact.get("owner"))
        return int(next(sizes, None) or self.thresholds["warm_up"]["samples"])

    @property
    def warming_up(self) -> bool:
        """Whether the run is too young for rules about the shape of training."""
        return self.step < self.warm_up_steps

    @property
    def _repeated(self) -> dict[str, int]:
        """How often weights are applied in a chain, by the last look at the graph of each model."""
        last = {fact.get("owner"): fact["details"].get("repeated") or {} for fact in self.facts("wiring")}
        return {weight: times for told in last.values() for weight, times in told.items()}

    def _add_fact(self, fact: Fact) -> None:
        known = self._facts.setdefault(fact["kind"], [])
        known.append(fact)
        if len(known) > FACTS_MAX:
            del known[FACTS_MAX // 2]


def _rising_until(rate: History, rise: float) -> int:
    """The last step of a warm-up of the learning rate, 0 where there is none."""
    if len(rate) < 2:
        return 0
    falls = np.flatnonzero(np.diff(rate.values) <= 0)
    rising = int(falls[0]) if len(falls) else len(rate) - 1
    return int(rate.steps[rising]) if rate.values[rising] > rise * rate.values[0] else 0
