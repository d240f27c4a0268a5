"""The loss moved by less than 0.1 % in ten steps."""

import numpy as np

from ..naive_record import NaiveRecord, first_step

CAUSE = "no_progress"


def fires(record: NaiveRecord) -> int | None:
    """The first such step."""
    steps, values = record.loss
    if len(values) <= 10:
        return None
    return first_step((steps[10:], values[10:]), np.abs(values[10:] - values[:-10]) < 1e-3 * np.abs(values[:-10]))
