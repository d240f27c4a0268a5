"""A first batch of one label."""

from ..naive_record import NaiveRecord

CAUSE = "single_label_batches"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    return 0 if len(record.criterion.get("label_counts") or (0, 0)) == 1 else None
