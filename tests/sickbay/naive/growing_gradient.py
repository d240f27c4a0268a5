"""The gradient norm grows tenfold: gradients add up."""

import numpy as np

from ..naive_record import NaiveRecord, first_step

CAUSE = "missing_zero_grad"


def fires(record: NaiveRecord) -> int | None:
    """The first step at which the norm is ten times that of the first step."""
    found = record.series.get("gradient_norm_total")
    return None if found is None else first_step(found, found[1] > 10 * np.abs(found[1][0]))
