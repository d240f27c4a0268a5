"""What a classifier's output says: which class, and how surely."""

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Floats

ROW_SUM_TOLERANCE = 1e-3


def predicted(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The label and the predicted class of each row [n], without ignored labels; None where outputs are no classes."""
    output, target = batch.output, batch.target
    if output is None or target is None or not batch.classes or output.columns is not None:
        return None
    if batch.binary:
        if output.values.shape != target.values.shape:
            return None
        threshold = 0.5 if batch.criterion == "BCELoss" else 0.0
        labels, guesses = target.values.ravel().astype(np.int64), (output.values.ravel() > threshold).astype(np.int64)
        usable = np.isfinite(output.values.ravel())
    else:
        labels, guesses = target.values.ravel().astype(np.int64), output.values.argmax(axis=1)
        finite = output.finite or np.isfinite(output.values).all(axis=1)
        usable = finite & (labels != batch.settings.get("ignore_index", -100))
    return (labels[usable], guesses[usable]) if usable.any() else None


def probabilities(batch: Batch) -> Floats | None:
    """The predicted distribution of each row with finite values [n, classes]."""
    output = batch.output
    if output is None:
        return None
    values: Floats = output.values.astype(np.float64, copy=False)
    if not output.finite:
        values = values[np.isfinite(values).all(axis=1)]
    with np.errstate(over="ignore", under="ignore"):
        if batch.binary:
            share = values.reshape(-1, 1) if batch.criterion == "BCELoss" else 1 / (1 + np.exp(-values.reshape(-1, 1)))
            return np.concatenate([1 - share, share], axis=1)
        if batch.criterion not in ("CrossEntropyLoss", "NLLLoss") and _are_probabilities(values):
            return values
        raised: Floats = np.exp(values - values.max(axis=1, keepdims=True))
    normal: Floats = raised / raised.sum(axis=1, keepdims=True)
    return normal


def _are_probabilities(values: Floats) -> bool:
    inside = bool((values >= 0).all() and (values <= 1).all())
    return inside and bool((np.abs(values.sum(axis=1) - 1) < ROW_SUM_TOLERANCE).all())
