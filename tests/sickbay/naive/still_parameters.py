"""A parameter whose update is zero."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "frozen_parameters"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first parameter."""
    steps = [first_step(found, found[1] == 0) for _, found in record.of("update_norm")]
    return min((step for step in steps if step is not None), default=None)
