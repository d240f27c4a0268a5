"""Two linear layers in a row."""

from itertools import pairwise

from ..naive_record import NaiveRecord

CAUSE = "missing_nonlinearity"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    return 0 if any(a["type"] == b["type"] == "Linear" for a, b in pairwise(record.layers)) else None
