"""Any weight matrix with an update ratio above 1e-2."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "learning_rate_too_high"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first matrix."""
    steps = [first_step(found, found[1] > 1e-2) for _, found in record.matrices("update_ratio")]
    return min((step for step in steps if step is not None), default=None)
