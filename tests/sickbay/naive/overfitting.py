"""Validation loss more than 10 % above the training loss."""

import numpy as np

from ..naive_record import NaiveRecord, first_step

CAUSE = "overfitting"


def fires(record: NaiveRecord) -> int | None:
    """The first such step."""
    (steps, values), (at, validated) = record.loss, record.validation_loss
    if not len(at) or not len(values):
        return None
    trained = values[np.clip(np.searchsorted(steps, at), 0, len(values) - 1)]
    return first_step((at, validated), validated > 1.1 * trained)
