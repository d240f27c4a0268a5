"""A loss twice its first value."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "diverging"


def fires(record: NaiveRecord) -> int | None:
    """The first such step."""
    return first_step(record.loss, record.loss[1] > 2 * record.loss[1][:1])
