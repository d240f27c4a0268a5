"""The loss changes its direction in most of the last 20 steps."""

import numpy as np

from ..naive_record import NaiveRecord

CAUSE = "oscillating"


def fires(record: NaiveRecord) -> int | None:
    """The first step at which it has turned 13 times in 20 steps."""
    steps, values = record.loss
    turns = np.diff(np.sign(np.diff(values))) != 0
    for place in range(20, len(turns)):
        if turns[place - 20 : place].sum() >= 13:
            return int(steps[place + 2])
    return None
