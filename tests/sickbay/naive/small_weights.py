"""A weight matrix whose std at the start is a third or thrice that of He."""

import math

from ..naive_record import NaiveRecord

CAUSE = "bad_initialisation"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    shapes = {p["name"]: p["shape"] for layer in record.layers for p in layer["parameters"]}
    for owner, (_, values) in record.matrices("weight_std"):
        shape = shapes.get(owner, [])
        if len(shape) > 1 and len(values):
            usual = math.sqrt(2 / math.prod(shape[1:]))
            if not usual / 3 <= values[0] <= usual * 3:
                return 0
    return None
