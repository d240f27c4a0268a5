"""The input: range, spread of its features beside each other, and what does not change."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Fact, Number, Part, Told, finite
from trainvitals.capture.moments import Moments


@dataclass
class Seen:
    """Over all looks so far; it begins again where the features become others."""

    features: NDArray[np.int64]
    group: NDArray[np.int64] | None
    moments: Moments
    columns: Moments
    rows: int = 0
    values: int = 0
    zeros: int = 0
    nonfinite: int = 0
    fractional: bool = False
    other_than_0_1: bool = False
    shape: tuple[int, ...] = field(default_factory=tuple)


def describe(batch: Batch) -> Told:
    part = batch.input
    if part is None:
        return
    if len(part.usable):
        yield Number("input_mean", float(part.usable.mean()))
        yield Number("input_std", float(part.usable.std()))
    if batch.phase == "training":
        seen = _gathered(batch, part)
        if batch.due:
            yield Fact("input", {"looks": batch.looks, **_details(part, seen, batch.feature_axis)})


def _gathered(batch: Batch, part: Part) -> Seen:
    seen: Seen | None = batch.memory.get("input")
    shape = part.shape[1:] or part.shape
    if seen is None or seen.shape != shape or len(seen.columns.mean) != part.values.shape[1]:
        seen = batch.memory["input"] = _fresh(part, batch.feature_axis)
        seen.shape = shape
    values = part.values
    seen.columns.add(values)
    if seen.group is not None:
        seen.moments.add(values, seen.group)
    seen.rows += len(values)
    seen.values += values.size
    seen.zeros += values.size - int(np.count_nonzero(values))
    seen.nonfinite += values.size - len(part.usable)
    if not seen.fractional:
        with np.errstate(invalid="ignore"):
            seen.fractional = bool((values != np.floor(values)).any())
    if not seen.other_than_0_1:
        seen.other_than_0_1 = bool(((values != 0) & (values != 1)).any())
    return seen


def _fresh(part: Part, axis: int | None) -> Seen:
    """`group` says which feature each column belongs to; None where each is one of its own."""
    columns = np.arange(part.width) if part.columns is None else part.columns
    each = Moments(len(columns))
    if axis is None or len(part.shape) <= 2:
        return Seen(columns, None, each, each)
    feature = np.unravel_index(columns, part.shape[1:])[axis - 1]
    found, group = np.unique(feature, return_inverse=True)
    return Seen(found, group, Moments(len(found)), each)


def _details(part: Part, seen: Seen, axis: int | None) -> dict[str, Any]:
    mean, std = seen.columns.pooled()
    details: dict[str, Any] = {
        "rows": seen.rows,
        "shape": list(part.shape),
        "dtype": part.dtype,
        "features": part.shape[axis] if axis is not None and len(part.shape) > axis else part.width,
        "features_seen": len(seen.features),
        "feature_axis": axis,
        "min": finite(seen.columns.min.min()),
        "max": finite(seen.columns.max.max()),
        "mean": finite(mean),
        "std": finite(std),
        "nonfinite_fraction": seen.nonfinite / max(1, seen.values),
        "zero_fraction": seen.zeros / max(1, seen.values),
        "integer_valued": not seen.fractional,
        "binary": not seen.other_than_0_1,
        "constant_fraction": float(seen.columns.constant.mean()),
    }
    return details | (_of_features(seen.moments) if part.floating else {})


def _of_features(moments: Moments) -> dict[str, float | None]:
    std, constant = moments.std, moments.constant
    found: dict[str, float | None] = {"feature_constant_fraction": float(constant.mean())}
    if not constant.all():
        varying = std[~constant]
        with np.errstate(all="ignore"):
            found |= {
                "feature_mean_std_ratio_max": finite((np.abs(moments.mean[~constant]) / varying).max()),
                "feature_std_min": finite(varying.min()),
                "feature_std_max": finite(varying.max()),
                "feature_scale_ratio": finite(varying.max() / varying.min()),
            }
    return found
