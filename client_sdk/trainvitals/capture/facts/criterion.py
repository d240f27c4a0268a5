"""The criterion: its type and settings, and the shapes, ranges and labels that it was first fed."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import CLASS_INDEX_LOSSES, CLASS_PROBABILITY_LOSSES, Batch, Fact, Part, Told, finite

LABELS_MAX = 1000


def describe(batch: Batch) -> Told:
    output, target = batch.output, batch.target
    if output is None or target is None or batch.phase != "training":
        return
    signature = (len(output.shape), output.shape[1:], output.dtype, len(target.shape), target.shape[1:], target.dtype)
    if batch.memory.get("criterion") == signature:
        return
    batch.memory["criterion"] = signature
    details: dict[str, Any] = {"reduction": None, **batch.settings, **_shape("output", output)}
    details |= _shape("target", target)
    if batch.input is not None:
        details |= _shape("input", batch.input)
    details["broadcast"] = not batch.class_indices and output.shape != target.shape
    if batch.value is not None:
        details["value"] = finite(batch.value)
    yield Fact("criterion", details | _ranges(batch, output, target) | _targets(batch, target))


def _shape(name: str, part: Part) -> dict[str, Any]:
    return {f"{name}_shape": list(part.shape), f"{name}_dtype": part.dtype}


def _ranges(batch: Batch, output: Part, target: Part) -> dict[str, Any]:
    found = _range("output", output.values) | _range("target", (batch.labels or target).values)
    if output.columns is None and output.width > 1:
        found |= _range("output_row_sum", output.values.sum(axis=1))
    return found


def _targets(batch: Batch, target: Part) -> dict[str, Any]:
    """Classes and how often each was seen, else mean and spread."""
    if batch.classes:
        return {"classes": batch.classes, "label_counts": _label_counts((batch.labels or target).values)}
    if not target.floating:
        return {"classes": 2, "label_counts": _label_counts(target.values)}
    found: dict[str, Any] = {"target_mean": finite(target.values.mean()), "target_std": finite(target.values.std())}
    if batch.criterion in CLASS_INDEX_LOSSES and batch.output is not None:
        found["classes"] = batch.output.width
    elif batch.criterion in CLASS_PROBABILITY_LOSSES:
        found["classes"] = 2
    return found


def _label_counts(values: NDArray[Any]) -> dict[str, int]:
    counts = Counter(values.astype(np.int64).ravel().tolist())
    return {str(label): count for label, count in sorted(counts.most_common(LABELS_MAX))}


def _range(name: str, values: NDArray[Any]) -> dict[str, float | None]:
    return {f"{name}_min": finite(values.min()), f"{name}_max": finite(values.max())}
