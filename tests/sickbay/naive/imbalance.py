"""One label of the first batch is ten times as frequent as another."""

from ..naive_record import NaiveRecord

CAUSE = "class_imbalance"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    counts = list((record.criterion.get("label_counts") or {}).values())
    return 0 if len(counts) > 1 and max(counts) > 10 * min(counts) else None
