"""Any weight matrix with an update ratio below 1e-4."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "learning_rate_too_low"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first matrix."""
    steps = [first_step(found, found[1] < 1e-4) for _, found in record.matrices("update_ratio")]
    return min((step for step in steps if step is not None), default=None)
