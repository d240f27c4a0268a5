"""All that is known of a run, built from its reports alone."""

from collections import OrderedDict
from functools import cached_property

import numpy as np

from trainvitals_server.diagnosis.criterion import Criterion, merged
from trainvitals_server.diagnosis.history import EMPTY, Block, History
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.frame import Frame
from trainvitals_wire.names import (
    CRITERION_LOSS_KEY,
    LOSS_KEYS,
    SYSTEM_PREFIX,
    VALIDATION_LOSS_KEYS,
)
from trainvitals_wire.records import Fact
from trainvitals_wire.report import Report

BLOCKS_MAX = 256
"""Most column lists remembered; the one unused for longest is forgotten."""
FACTS_MAX = 256
"""Most facts of one kind: the first half and the last half are kept."""
WARM_UP_STEPS, WARM_UP_SAMPLES = 100, 800
"""Rules about the shape of training stay silent for so long (DIAGNOSIS.md section 1); batches may be of one sample."""


class Signals:
    """Series, layers and facts of one run. `add` is cheap; what rules ask for is built then and kept until `add`."""

    def __init__(self) -> None:
        self.network = Network()
        self.step = -1
        self._blocks: OrderedDict[tuple[str, ...], Block] = OrderedDict()
        self._facts: dict[str, list[Fact]] = {}
        self._histories: dict[str, History] = {}

    def add(self, report: Report) -> None:
        """Take in a report; the order of reports does not matter where their steps differ."""
        for frame in report.frames:
            self._add_frame(frame)
        if report.layers is not None:
            self.network = Network(report.layers)
        for fact in report.facts:
            self._add_fact(fact)
        self._histories.clear()
        for name in ("statistics", "loss", "criterion", "learning_rate", "warm_up_steps"):
            self.__dict__.pop(name, None)

    def history(self, key: str) -> History:
        """One series, empty where it was never logged."""
        if key not in self._histories:
            parts = [block.column(key) for block in self._blocks.values() if key in block.place]
            self._histories[key] = History.of(parts) if parts else EMPTY
        return self._histories[key]

    def of(self, statistic: str, owner: str) -> History:
        """One statistic of one layer or parameter."""
        return self.history(f"{statistic}/{owner}")

    def owners(self, statistic: str) -> frozenset[str]:
        """The layers or parameters for which a statistic is known."""
        return self.statistics.get(statistic, frozenset())

    def facts(self, kind: str) -> list[Fact]:
        """The facts of a kind in the order they came."""
        return self._facts.get(kind, [])

    @cached_property
    def statistics(self) -> dict[str, frozenset[str]]:
        """The owners of each statistic."""
        found: dict[str, set[str]] = {}
        for block in self._blocks.values():
            for name, owner in block.split:
                found.setdefault(name, set()).add(owner)
        return {name: frozenset(owners) for name, owners in found.items()}

    @cached_property
    def loss(self) -> Loss:
        """The loss that is judged (DESIGN.md section 3)."""
        key = next((key for key in (*LOSS_KEYS, CRITERION_LOSS_KEY) if len(self.history(key))), LOSS_KEYS[0])
        history, facts = self.history(key), self.facts("criterion")
        return Loss(key, history, facts, self.network, self.step, self.warm_up_steps, self.several_optimizers)

    @property
    def several_optimizers(self) -> bool:
        """Whether two optimizers were watched from one step on; a resumed run tells of its one again later."""
        steps = [fact["step"] for fact in self.facts("optimizer")]
        return len(steps) != len(set(steps))

    @property
    def validation_loss(self) -> History:
        """The validation loss, empty where none is logged."""
        return next((found for key in VALIDATION_LOSS_KEYS if len(found := self.history(key))), EMPTY)

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
        """Until which step the shape of training is not judged: 100 steps, 800 samples, the learning rate's warm-up."""
        shape = self.criterion.get("output_shape") or (WARM_UP_SAMPLES,)
        steps = max(WARM_UP_STEPS, WARM_UP_SAMPLES // max(1, shape[0]))
        return max(steps, _rising_until(self.learning_rate))

    @property
    def warming_up(self) -> bool:
        """Whether the run is too young for rules about the shape of training."""
        return self.step < self.warm_up_steps

    def _add_frame(self, frame: Frame) -> None:
        if all(key.startswith(SYSTEM_PREFIX) for key in frame.keys) or not len(frame.steps):
            return
        block = self._blocks.get(frame.keys)
        if block is None:
            block = self._blocks[frame.keys] = Block(frame.keys)
            if len(self._blocks) > BLOCKS_MAX:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(frame.keys)
        block.add(frame)
        self.step = max(self.step, int(frame.steps.max()))

    def _add_fact(self, fact: Fact) -> None:
        known = self._facts.setdefault(fact["kind"], [])
        known.append(fact)
        if len(known) > FACTS_MAX:
            del known[FACTS_MAX // 2]


def _rising_until(rate: History) -> int:
    """The last step of a warm-up of the learning rate, 0 where there is none."""
    if len(rate) < 2:
        return 0
    falls = np.flatnonzero(np.diff(rate.values) <= 0)
    rising = int(falls[0]) if len(falls) else len(rate) - 1
    # A rate that wobbles up by less than a tenth is a schedule, not a warm-up.
    return int(rate.steps[rising]) if rate.values[rising] > 1.1 * rate.values[0] else 0
