"""A loss below zero."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "loss_sign"


def fires(record: NaiveRecord) -> int | None:
    """Its first step."""
    return first_step(record.loss, record.loss[1] < 0)
