"""A batch as one look saw it: bounded parts of input, output and target, on the host, in the worker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.lazy import lazy

Floats = NDArray[np.float64]
Phase = Literal["training", "evaluation"]
BINARY_LOSSES = ("BCELoss", "BCEWithLogitsLoss")
CLASS_PROBABILITY_LOSSES = (*BINARY_LOSSES, "SoftMarginLoss", "MultiLabelSoftMarginLoss")
CLASS_INDEX_LOSSES = ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss")


class Fit(NamedTuple):
    """A form of loss, the factor before it (below 0: minus the loss is minimised), and what it leaves over of a row."""

    form: str
    scale: float
    error: float


class Fact(NamedTuple):
    """Something that is no series; becomes a fact of the report."""

    kind: str
    details: dict[str, Any]


class Number(NamedTuple):
    """One value of a statistic of the run at this step."""

    statistic: str
    value: float


Told = Iterator[Fact | Number]


@dataclass(frozen=True)
class Part:
    """A matrix `values` [rows, columns] out of a tensor of `shape`; `columns`: places in a row of `width`, or all."""

    values: NDArray[Any]
    shape: tuple[int, ...]
    dtype: str
    width: int
    columns: NDArray[np.int64] | None = None

    @lazy
    def finite(self) -> bool:
        """Whether all values are."""
        return bool(np.isfinite(self.values).all())

    @lazy
    def usable(self) -> NDArray[Any]:
        """The finite values, flat; as float64 where they are no integers."""
        flat = self.values.ravel()
        return flat if self.finite else flat[np.isfinite(flat)]

    @property
    def floating(self) -> bool:
        return self.dtype.startswith(("float", "bfloat"))


@dataclass(frozen=True)
class Batch:
    """`looks`: how many there were in this phase, with this one. `memory` lives as long as the watch, one a phase.

    `output` has one row for each label where targets are class labels, else one for each sample. `labels`: up to 4,096
    of the labels, ignored ones too. `answer`: the model's output, and `answer_gradient` what the loss sent back to it,
    row by row, where no criterion of torch is watched; `loss_fit`: the form of loss that the gradient has, `loss`: a
    squared error that the backward pass began at, both times `gradient_scale`. `read_from`: where criterion and targets
    come from, if not from the criterion, and then `value` is the mean that it gives. `feature_axis` of the input's
    shape. `settings`: those it has.
    """

    phase: Phase
    step: int
    looks: int
    criterion: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    input: Part | None = None
    output: Part | None = None
    target: Part | None = None
    labels: Part | None = None
    answer: Part | None = None
    answer_gradient: Part | None = None
    loss: Part | None = None
    loss_fit: Fit | None = None
    gradient_scale: float = 1.0
    read_from: str = ""
    value: float | None = None
    feature_axis: int | None = None
    modes: Mapping[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def due(self) -> bool:
        """Whether what grows with the looks is told: at look 1, 2, 4, 8, ..."""
        return self.looks & (self.looks - 1) == 0

    @property
    def class_indices(self) -> bool:
        """Whether targets name a class for each row of the output."""
        return self.labels is not None

    @lazy
    def binary(self) -> bool:
        """Whether each target is 0 or 1 for one element of the output."""
        target = self.target
        if self.class_indices or target is None or self.criterion not in CLASS_PROBABILITY_LOSSES:
            return False
        return bool(np.isin(target.values, (0.0, 1.0)).all())

    @lazy
    def label_values(self) -> NDArray[np.int64]:
        """Class labels, without ignored ones [n]."""
        if self.labels is not None:
            found: NDArray[np.int64] = self.labels.values.ravel()
            kept: NDArray[np.int64] = found[found != self.settings.get("ignore_index", -100)]
            return kept
        if self.binary and self.target is not None:
            return np.asarray(self.target.values.ravel(), dtype=np.int64)
        return np.empty(0, np.int64)

    @property
    def classes(self) -> int:
        """How many classes the output tells apart; 0 where targets are no labels."""
        if self.binary:
            return 2
        if self.labels is None or self.output is None:
            return 0
        return self.output.width

    @lazy
    def predicted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """Label and predicted class of each row [n], without ignored labels; None where outputs are no classes."""
        output, target = self.output, self.target
        if output is None or target is None or not self.classes or output.columns is not None:
            return None
        labels = target.values.ravel().astype(np.int64)
        if self.binary:
            if output.values.shape != target.values.shape:
                return None
            threshold = 0.5 if self.criterion == "BCELoss" else 0.0
            guesses = (output.values.ravel() > threshold).astype(np.int64)
            usable = np.isfinite(output.values.ravel())
        else:
            guesses = output.values.argmax(axis=1)
            finite = output.finite or np.isfinite(output.values).all(axis=1)
            usable = finite & (labels != self.settings.get("ignore_index", -100))
        return (labels[usable], guesses[usable]) if usable.any() else None


def finite(value: Any) -> float | None:
    """A number as JSON takes it."""
    return float(value) if np.isfinite(value) else None
