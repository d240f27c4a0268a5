"""What a classifier's output says: how surely which class."""

import numpy as np

from trainvitals.capture.batch import Batch, Floats

ROW_SUM_TOLERANCE = 1e-3


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
