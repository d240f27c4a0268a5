"""A gradient norm ten times its own median so far."""

import numpy as np

from ..naive_record import NaiveRecord

CAUSE = "exploding_gradient"


def fires(record: NaiveRecord) -> int | None:
    """The first step."""
    steps, values = record.series.get("gradient_norm_total", (np.empty(0), np.empty(0)))
    for place in range(1, len(values)):
        if values[place] > 10 * np.median(values[:place]):
            return int(steps[place])
    return None
