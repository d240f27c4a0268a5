"""A trainable parameter that is not in the optimizer."""

from ..naive_record import NaiveRecord

CAUSE = "not_in_optimizer"


def fires(record: NaiveRecord) -> int | None:
    """Step 0: it is known from the start."""
    parameters = [parameter for layer in record.layers for parameter in layer["parameters"]]
    return 0 if any(p["trainable"] and not p["in_optimizer"] for p in parameters) else None
