"""The first loss differs by half from that of even guessing."""

import math

from ..naive_record import NaiveRecord

CAUSE = "loss_at_init"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    classes, losses = record.criterion.get("classes"), record.loss[1]
    if not classes or classes < 2 or not len(losses):
        return None
    return 0 if abs(losses[0] - math.log(classes)) > 0.5 * math.log(classes) else None
