"""The criterion: its output as a metric, and what its inputs look like as a fact."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainvitals.capture.flat import local
from trainvitals.capture.hooks import Hook
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector, Number
from trainvitals.number import number
from trainvitals_wire.names import CRITERION_LOSS_KEY

ROWS_MAX = 256
"""Rows of outputs and targets that the fact is computed from."""
LABELS_MAX = 1000
CLASS_PROBABILITY_LOSSES = ("BCELoss", "BCEWithLogitsLoss", "SoftMarginLoss", "MultiLabelSoftMarginLoss")
CLASS_INDEX_LOSSES = ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss")


class CriterionWatch:
    """Hangs on the loss module. Several calls in one step (accumulation) are stored as their mean."""

    def __init__(
        self, criterion: Any, clock: Clock, collector: Collector, guarded: Callable[..., None], worker: Worker
    ) -> None:
        self._criterion = criterion
        self._clock = clock
        self._collector = collector
        self._guarded = guarded
        self._worker = worker
        self._type = type(criterion).__name__
        self._signature: object = None
        self._losses: list[Number] = []
        self._handle: Any = None

    def start(self) -> None:
        """Hang up the hook."""
        self._handle = self._criterion.register_forward_hook(Hook(self._on_loss))

    def stop(self) -> None:
        """Take it off again."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    def complete(self, step: int, moment: float) -> None:
        """The step is done: store the criterion's output of its forward passes."""
        losses, self._losses = self._losses, []
        if losses:
            value = losses[0] if len(losses) == 1 else Mean(losses)
            self._collector.metrics((CRITERION_LOSS_KEY,), step, moment, (value,))

    def _on_loss(self, module: Any, arguments: Any, output: Any) -> None:
        if torch.is_grad_enabled():
            self._guarded(self._see, arguments, output)

    def _see(self, arguments: Any, output: Any) -> None:
        value = number(output)
        if value is not None:
            self._losses.append(value)
        tensors = [local(argument) for argument in arguments if isinstance(argument, torch.Tensor)]
        if len(tensors) < 2:
            return
        outputs, targets = tensors[0], tensors[1]
        signature = (outputs.dim(), outputs.shape[1:], targets.dim(), targets.shape[1:], targets.dtype)
        if signature != self._signature:
            self._signature = signature
            self._describe(outputs, targets)

    def _describe(self, outputs: Any, targets: Any) -> None:
        """Copies some rows, so that the worker can look at them while training goes on."""
        step = self._clock.coming if self._clock.driven_by == "optimizer" else self._clock.current
        details: dict[str, Any] = {
            "output_shape": list(outputs.shape),
            "target_shape": list(targets.shape),
            "target_dtype": str(targets.dtype).removeprefix("torch."),
            "reduction": getattr(self._criterion, "reduction", None),
        }
        kept_outputs, kept_targets = _rows(outputs), _rows(targets)
        self._worker.call(self._task(step, details, kept_outputs, kept_targets))

    def _task(self, step: int, details: dict[str, Any], outputs: Any, targets: Any) -> Callable[[], None]:
        def tell() -> None:
            details.update(describe(self._type, _array(outputs), _array(targets), targets.is_floating_point()))
            self._collector.fact({"kind": "criterion", "step": step, "type": self._type, "details": details})

        return tell


class Mean:
    """The mean of numbers that may not be here yet."""

    def __init__(self, values: list[Number]) -> None:
        self._values = values

    def __float__(self) -> float:
        return sum(float(value) for value in self._values) / len(self._values)


def describe(
    criterion: str, outputs: NDArray[np.float64], targets: NDArray[np.float64], floating: bool
) -> dict[str, Any]:
    """`classes` and `label_counts` for classification, mean and spread of the target for regression.

    `output_min`, `output_max`, `target_min`, `target_max`, and `output_row_sum_min`/`max` [over rows of 2-d outputs]
    say whether the last activation fits the loss.
    """
    found: dict[str, Any] = {**_range("output", outputs), **_range("target", targets)}
    if outputs.ndim >= 2 and outputs.shape[1] > 1:
        found |= _range("output_row_sum", outputs.sum(axis=1))
    if criterion in CLASS_INDEX_LOSSES or not floating:
        found["classes"] = int(outputs.shape[1]) if outputs.ndim >= 2 else 2
        if not floating:
            found["label_counts"] = _label_counts(targets)
    elif criterion in CLASS_PROBABILITY_LOSSES:
        found["classes"] = 2
        if np.isin(targets, (0.0, 1.0)).all():
            found["label_counts"] = _label_counts(targets)
    else:
        found |= {"target_mean": _finite(targets.mean()), "target_std": _finite(targets.std())}
    return found


def _label_counts(targets: NDArray[np.float64]) -> dict[str, int]:
    counts = Counter(targets.astype(np.int64).ravel().tolist())
    return {str(label): count for label, count in sorted(counts.most_common(LABELS_MAX))}


def _range(name: str, values: NDArray[np.float64]) -> dict[str, float | None]:
    if not values.size:
        return {}
    return {f"{name}_min": _finite(values.min()), f"{name}_max": _finite(values.max())}


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _rows(tensor: Any) -> Any:
    detached = tensor.detach()
    kept = detached[:ROWS_MAX] if detached.dim() else detached
    if kept.device.type == "cpu":
        return kept.clone()
    return kept.to("cpu", non_blocking=False) if kept.device.type != "cuda" else kept.clone()


def _array(tensor: Any) -> NDArray[np.float64]:
    array: NDArray[np.float64] = tensor.cpu().double().numpy()
    return array
