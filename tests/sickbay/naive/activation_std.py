"""Any layer's activation std outside 0.5 to 2.0."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "bad_initialisation"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first layer."""
    steps = [first_step(found, (found[1] < 0.5) | (found[1] > 2.0)) for _, found in record.of("activation_std")]
    return min((step for step in steps if step is not None), default=None)
