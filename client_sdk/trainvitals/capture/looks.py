"""The looks at batches: when there is one, what is copied on the training thread, and how the worker tells of it."""

import pkgutil
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from trainvitals.capture import facts
from trainvitals.capture.arrival import depart
from trainvitals.capture.batch import CLASS_INDEX_LOSSES, Batch, Fact, Part, Phase, Told
from trainvitals.capture.flat import local
from trainvitals.capture.layers import WatchedLayer
from trainvitals.capture.module_modes import ModuleModes
from trainvitals.capture.reading import Reading
from trainvitals.capture.rows import Rows, copyable, elements_of, rows_of
from trainvitals.collector import Collector, Number
from trainvitals_wire.names import EVALUATION_PREFIX

LOOKS_DENSE = 36
"""The first looks are at consecutive batches: repetition and order show there. So many that a short run has 30 values
of each number, those too that compare a look with the one before."""
LABELS_MAX = 4096
CLASS_AXIS = 1
OF_TARGETS = ("criterion", "labels", "target", "classes")
DEPTH_MAX = 4


class Look:
    """What was copied of one batch, with the number of the look in its phase."""

    def __init__(self, phase: Phase, modes: dict[str, Any]) -> None:
        self.phase = phase
        self.modes = modes
        self.parts: dict[str, Rows] = {}
        self.criterion = ""
        self.settings: Mapping[str, Any] = {}
        self.gradient_scale: Number = 1.0

    def fed(self, outputs: Any, targets: Any) -> None:
        """The first call of the criterion."""
        if not (copyable(outputs) and copyable(targets)) or "output" in self.parts:
            return
        if targets.requires_grad:
            self.settings = {**self.settings, "target_requires_grad": True}
        whole = not targets.is_floating_point() and outputs.is_floating_point()
        if whole and (targets.dim() == outputs.dim() - 1 or self.criterion in CLASS_INDEX_LOSSES):
            axis = CLASS_AXIS if outputs.dim() > 1 else 0
            self.parts["output"] = rows = rows_of(outputs, axis)
            self.parts["target"] = elements_of(targets, rows.values.shape[0])
            self.parts["labels"] = elements_of(targets, LABELS_MAX)
        else:
            self.parts["output"], self.parts["target"] = rows_of(outputs), rows_of(targets)


class Looks:
    """`expect`, `input`, `fed` and `complete` run on the training thread; `owner`: whose facts these
    are; None where the series of the run are ours too.
    """

    def __init__(
        self,
        collector: Collector,
        submit: Callable[[Callable[[], None]], None],
        *,
        owner: str | None,
    ) -> None:
        self._collector = collector
        self._submit = submit
        self._owner = owner
        self._looks: dict[Phase, int] = {"training": 0, "evaluation": 0}
        self._memory: dict[Phase, dict[str, Any]] = {"training": {}, "evaluation": {}}
        self._look: Look | None = None
        self._reading = Reading(reads=owner is None)
        self._averaged_step = -1
        self._of_evaluation: dict[str, list[float]] = {}

    def model_is(self, layers: Iterable[WatchedLayer], modes: ModuleModes) -> None:
        """What inputs go into, and the modes of it."""
        self._modes = modes
        self._convolves = any(type(layer.module).__name__.startswith(("Conv1d", "LazyConv1d")) for layer in layers)

    def expect(self, deep: bool | None) -> None:
        """Whether the coming step is looked at: deep ones are, and the first; None is a step without a sample."""
        wanted = deep or (deep is not None and self._looks["training"] < LOOKS_DENSE)
        self._look = Look("training", {}) if wanted else None

    @property
    def asks_loss(self) -> bool:
        """Whether the value of a loss that is a function would say what its gradient does not."""
        return self._reading.asks_loss

    @property
    def training(self) -> Look | None:
        """What the training step that is being computed is looked at with."""
        return self._look

    def evaluation(self) -> Look:
        """A batch of an evaluation."""
        return Look("evaluation", {})

    def input(self, look: Look, arguments: Any) -> None:
        """The model's first tensor, of the first forward pass."""
        if "input" not in look.parts:
            look.modes = self._modes.now()
            tensor = _first(arguments, 0)
            if tensor is not None:
                look.parts["input"] = rows_of(tensor, apart=True)

    def done(self, look: Look, step: int, moment: float) -> Callable[[], None] | None:
        """What the worker has to do about it; None where nothing was seen."""
        if look is self._look:
            self._look = None
        if not look.parts:
            return None
        if not look.modes:
            look.modes = self._modes.now()
        self._looks[look.phase] += 1
        looks = self._looks[look.phase]
        names, rows = list(look.parts), list(look.parts.values())
        arrive = depart([row.values for row in rows])

        def tell() -> None:
            parts = {
                name: Part(row.array(host), row.shape, row.dtype, row.width, row.columns)
                for name, row, host in zip(names, rows, arrive(), strict=True)
            }
            self._read(self._batch(look, step, looks, parts), moment)

        return tell

    def end(self) -> None:
        """No look comes any more: tell of what still waits for one."""
        self._submit(lambda: self._tell_all(self._reading.end(), time.time()))

    def submit(self, look: Look, step: int) -> None:
        """Hand it to the worker at once."""
        task = self.done(look, step, time.time())
        if task is not None:
            self._submit(task)

    def _batch(self, look: Look, step: int, looks: int, parts: Mapping[str, Part]) -> Batch:
        shape = parts["input"].shape if "input" in parts else ()
        return Batch(
            phase=look.phase,
            step=step,
            looks=looks,
            criterion=look.criterion,
            settings=look.settings,
            feature_axis=self._feature_axis(shape),
            modes={name: _read(value) for name, value in look.modes.items()},
            memory=self._memory[look.phase],
            gradient_scale=float(look.gradient_scale),
            input=parts.get("input"),
            output=parts.get("output"),
            target=parts.get("target"),
            labels=parts.get("labels"),
            answer=parts.get("answer"),
            answer_gradient=parts.get("answer_gradient"),
            loss=parts.get("loss"),
        )

    def _read(self, batch: Batch, moment: float) -> None:
        """Complete it where the gradient tells its targets."""
        self._tell_all(self._reading.of(batch), moment)

    def _tell_all(self, batches: Iterable[Batch], moment: float) -> None:
        for batch in batches:
            self._tell(batch, moment)

    def _feature_axis(self, shape: tuple[int, ...]) -> int | None:
        """Channels of images and of what a convolution over time takes, else the last axis."""
        if len(shape) < 2:
            return None
        return 1 if len(shape) != 3 or self._convolves else 2

    def _tell(self, batch: Batch, moment: float) -> None:
        prefix = EVALUATION_PREFIX if batch.phase == "evaluation" else ""
        numbers: dict[str, float] = {}
        for describe in describers():
            for told in describe(batch):
                if isinstance(told, Fact):
                    self._fact(batch, told)
                else:
                    numbers[prefix + told.statistic] = told.value
        if batch.phase == "evaluation":
            numbers = self._averaged(batch.step, numbers)
        if numbers and self._owner is None:
            self._collector.statistics(tuple(numbers), batch.step, moment, tuple(numbers.values()))

    def _averaged(self, step: int, numbers: dict[str, float]) -> dict[str, float]:
        """Over the looks of one evaluation: the last mean is what stays."""
        if step != self._averaged_step:
            self._averaged_step, self._of_evaluation = step, {}
        for key, value in numbers.items():
            self._of_evaluation.setdefault(key, []).append(value)
        return {key: sum(values) / len(values) for key, values in self._of_evaluation.items()}

    def _fact(self, batch: Batch, told: Fact) -> None:
        details = told.details
        if batch.read_from and told.kind in OF_TARGETS:
            details = {**details, "read_from": batch.read_from}
        fact: Any = {"kind": told.kind, "step": batch.step, "details": details}
        if told.kind == "criterion":
            fact["type"] = batch.criterion
        elif self._owner is not None:
            fact["owner"] = self._owner
        self._collector.fact(fact)


@cache
def describers() -> tuple[Callable[[Batch], Told], ...]:
    """The `describe` of each file in `capture/facts`, by name of the file."""
    names = sorted(module.name for module in pkgutil.iter_modules(facts.__path__))
    return tuple(import_module(f"{facts.__name__}.{name}").describe for name in names)


def _first(value: Any, depth: int) -> Any:
    """The first tensor among a model's arguments, of any type that can be copied."""
    if copyable(local(value)):
        return local(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, tuple | list) and depth < DEPTH_MAX:
        return next((found for item in value if (found := _first(item, depth + 1)) is not None), None)
    return None


def _read(value: Any) -> Any:
    return value() if callable(value) else value
