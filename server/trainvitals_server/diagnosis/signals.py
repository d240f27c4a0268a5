"""All that is known of a run, built from its reports alone."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX, Block, Floats, RowFunction
from trainvitals_server.diagnosis.criterion import Criterion, merged
from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.kept import Shelf
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.loss_series import judged_loss, logged_loss, validation_loss
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.shape import Shape
from trainvitals_server.diagnosis.table import Table
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_wire.frame import Frame
from trainvitals_wire.loss_names import is_reward
from trainvitals_wire.names import CRITERION_LOSS_KEY, SYSTEM_PREFIX
from trainvitals_wire.records import Fact
from trainvitals_wire.report import Report

T = TypeVar("T")

BLOCKS_MAX = 256
"""Most column lists remembered; the one unused for longest is forgotten."""
WEIGHT_HISTOGRAMS = "weight/"
"""The histograms of which the last one is kept."""
LOOKS_MIN = 8
"""Batches that are no chance where all hold the same label."""
FACTS_MAX = 256
"""Most facts of one kind: the first half and the last half are kept."""


class Signals:
    """Series, layers and facts of one run. `add` is cheap; what rules ask for is built then and kept until `add`.

    `thresholds` maps a rule, or a group of the policy, to the numbers in force for the run.
    """

    def __init__(
        self, thresholds: Mapping[str, Thresholds] = POLICY_DEFAULTS, cells_max: int = BLOCK_CELLS_MAX
    ) -> None:
        self.thresholds = thresholds
        self._cells_max = cells_max
        self.network = Network()
        self.step = -1
        self._blocks: dict[tuple[str, ...], Block] = {}
        self._facts: dict[str, list[Fact]] = {}
        self._histories: dict[str, History] = {}
        self._firsts: dict[tuple[str, str], float] = {}
        self._at_start: dict[Hashable, Any] = {}
        self._once: dict[Callable[[Signals], Any], Any] = {}
        self.shapes: dict[str, Shape] = {}
        self._shelves: dict[int, Shelf] = defaultdict(Shelf)

    def add(self, report: Report) -> None:
        """Take in a report; the order of reports does not matter where their steps differ."""
        for frame in report.frames:
            self._add_frame(frame)
        if report.layers is not None:
            self.network = Network(report.layers)
            self._at_start.clear()
        for fact in report.facts:
            self._add_fact(fact)
        for histogram in report.histograms:
            if histogram.edges is None and histogram.key.startswith(WEIGHT_HISTOGRAMS):
                self.shapes[histogram.key] = Shape(histogram)
        self._histories.clear()
        self._once.clear()
        for name in ("loss", "criterion", "learning_rate", "warm_up_steps"):
            self.__dict__.pop(name, None)

    @property
    def nbytes(self) -> int:
        """Memory taken by what is remembered of the series, in bytes."""
        return sum(block.nbytes for block in self._blocks.values())

    def rest(self) -> None:
        """Let go of what was built for one evaluation; it is built again when it is asked for."""
        self._histories.clear()
        self._once.clear()

    def history(self, key: str) -> History:
        """One series, empty where it was never logged."""
        if key not in self._histories:
            self._histories[key] = _joined([block.column(key) for block in self._blocks.values() if key in block.place])
        return self._histories[key]

    def of(self, statistic: str, owner: str) -> History:
        """One statistic of one layer or parameter."""
        return self.history(f"{statistic}/{owner}")

    def first(self, statistic: str, owner: str) -> float:
        """The value at step 0, NaN where it is not known."""
        known = self._firsts.get((statistic, owner))
        if known is None:
            key = f"{statistic}/{owner}"
            starting = (block for block in self._blocks.values() if key in block.place and block.steps[0] == 0)
            known = self._firsts[statistic, owner] = next((block.first(key) for block in starting), math.nan)
        return known

    def firsts(self, statistic: str, owners: Sequence[str]) -> Floats:
        """The values [owners] at step 0, NaN where they are not known."""
        return np.array([self.first(statistic, owner) for owner in owners], np.float64)

    def at_start(self, name: Hashable, compute: Callable[[], T]) -> T:
        """What the layers and the values at step 0 say, which stays: computed once for them. `name` stands for it."""
        if name not in self._at_start:
            self._at_start[name] = compute()
        found: T = self._at_start[name]
        return found

    def last(self, statistic: str, owners: Sequence[str], points: int) -> Floats:
        """The last values [owners, points] of a statistic; NaN, or fewer points, where they are not known together."""
        holding = [block for block in reversed(self._blocks.values()) if statistic in block.owners]
        if not holding or not holding[0].ordered:
            return np.full((len(owners), points), np.nan)
        newest = holding[0].last(holding[0].places(statistic, tuple(owners)), points)
        since = holding[0].steps[-newest.shape[1]]
        together = all(block.ordered and block.steps[-1] < since for block in holding[1:])
        return newest if together else np.full((len(owners), points), np.nan)

    def table(self, statistic: str, owners: Sequence[str]) -> Table:
        """One statistic of several owners side by side, as far as it is remembered."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            return Table(group, block.steps, block.last(block.places(statistic, group), len(block.steps)))
        return Table.of(group, [self.of(statistic, owner) for owner in group])

    def count(self, statistic: str, owner: str) -> int:
        """How many values of a statistic of one owner are remembered."""
        key = f"{statistic}/{owner}"
        holding = [block for block in self._blocks.values() if key in block.place]
        return len(holding[0].steps) if len(holding) == 1 and holding[0].ordered else len(self.history(key))

    def zero(self, statistic: str, owners: Sequence[str]) -> list[bool]:
        """Whether all that is remembered of a statistic is exactly 0, of each of several owners that have it."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            found: list[bool] = block.zero(block.places(statistic, group)).tolist()
            return found
        return [not self.of(statistic, owner).values.any() for owner in group]

    def finite_counts(self, statistic: str, owners: Sequence[str]) -> list[int]:
        """How many finite values of a statistic are remembered, of each of several owners."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            found: list[int] = block.finite(block.places(statistic, group)).tolist()
            return found
        return [len(self.of(statistic, owner).finite()) for owner in group]

    def running_medians(self, statistic: str, owners: Sequence[str], samples: int, rows: int) -> Table | None:
        """The medians of each `samples` successive values in the last `rows` rows, at the step of the last of them.

        None where the last rows are not all known together, or not all finite.
        """
        group = tuple(owners)
        block = self._whole(statistic, group)
        if block is None or len(block.steps) < rows:
            return None
        places = block.places(statistic, group)
        if not np.isfinite(block.last(places, rows)).all():
            return None
        found = block.medians(places, samples, rows)
        return Table(group, block.steps[-found.shape[1] :], found)

    def _whole(self, statistic: str, group: tuple[str, ...]) -> Block | None:
        """The block that holds all there is of a statistic of several owners, in order; None where several do."""
        holding = [block for block in self._blocks.values() if statistic in block.owners]
        whole = len(holding) == 1 and holding[0].ordered and (holding[0].places(statistic, group) >= 0).all()
        return holding[0] if whole else None

    def across(self, statistic: str, owners: Sequence[str], name: Hashable, function: RowFunction) -> History:
        """A function of the same step's values of several owners, at the steps at which all of them are known."""
        group, parts = tuple(owners), []
        for block in self._blocks.values() if group else ():
            places = block.places(statistic, group)
            if (places >= 0).all():
                parts.append(block.reduced((name, statistic, group), places, function))
        return _joined(parts)

    def owners(self, statistic: str) -> frozenset[str]:
        """The layers or parameters for which a statistic is known."""
        return self.at_start(
            ("owners", statistic),
            lambda: frozenset().union(*(block.owners.get(statistic, ()) for block in self._blocks.values())),
        )

    @property
    def metrics(self) -> frozenset[str]:
        """The keys of what the user logs, and of the criterion's own value."""
        return frozenset().union(*(block.metrics for block in self._blocks.values()))

    def facts(self, kind: str) -> list[Fact]:
        """The facts of a kind in the order they came."""
        return self._facts.get(kind, [])

    @cached_property
    def loss(self) -> Loss:
        """The loss that is judged (DESIGN.md section 3)."""
        key = judged_loss(self.history, self.metrics)
        history = self.history(key)
        facts = [*self.facts("criterion"), *self.facts("labels"), *self.facts("target")] or self._told_by_gradient
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
        )

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

    def knows(self, statistic: str) -> bool:
        """Whether a statistic is known of any layer or parameter."""
        return any(statistic in block.owners for block in self._blocks.values())

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

    def _add_frame(self, frame: Frame) -> None:
        if all(key.startswith(SYSTEM_PREFIX) for key in frame.keys) or not len(frame.steps):
            return
        # The last used is the last in the dict. (An OrderedDict would hash these long keys at each look.)
        block = self._blocks.pop(frame.keys, None)
        if block is None:
            block = Block(frame.keys, self._cells_max)
            self._firsts.clear()
            self._at_start.clear()
        self._blocks[frame.keys] = block
        if len(self._blocks) > BLOCKS_MAX:
            del self._blocks[next(iter(self._blocks))]
            self._at_start.clear()
        block.add(frame)
        self.step = max(self.step, int(frame.steps.max()))

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


def _joined(parts: Sequence[History]) -> History:
    """Parts of one series in the order they came."""
    if len(parts) < 2:
        return parts[0] if parts else EMPTY
    return History.of([(part.steps, part.values) for part in parts])
