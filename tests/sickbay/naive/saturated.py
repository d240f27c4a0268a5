"""More than half of a squashing layer's outputs lie in its flat ends."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "saturated_units"


def fires(record: NaiveRecord) -> int | None:
    """The first step of the first layer."""
    steps = [first_step(found, found[1] > 0.5) for _, found in record.of("activation_saturated_fraction")]
    return min((step for step in steps if step is not None), default=None)
