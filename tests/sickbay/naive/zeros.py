"""More than half of a layer's outputs are zero."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "dead_units"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first layer."""
    steps = [first_step(found, found[1] > 0.5) for _, found in record.of("activation_zero_fraction")]
    return min((step for step in steps if step is not None), default=None)
