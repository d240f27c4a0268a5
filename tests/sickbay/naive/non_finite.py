"""A loss that is not finite."""

import numpy as np

from ..naive_record import NaiveRecord, first_step

CAUSE = "non_finite"


def fires(record: NaiveRecord) -> int | None:
    """Its first step."""
    return first_step(record.loss, ~np.isfinite(record.loss[1]))
