"""Targets whose std is above 10 or whose mean is beyond 3 std."""

from ..naive_record import NaiveRecord

CAUSE = "target_not_scaled"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    mean, std = record.criterion.get("target_mean"), record.criterion.get("target_std")
    if mean is None or std is None:
        return None
    return 0 if std > 10 or abs(mean) > 3 * std else None
