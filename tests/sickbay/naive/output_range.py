"""Outputs between 0 and 1 in a loss on scores, or above 0 in NLLLoss."""

from ..naive_record import NaiveRecord

CAUSE = "loss_output_mismatch"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    kind, low, high = (record.criterion.get(name) for name in ("type", "output_min", "output_max"))
    if low is None or high is None:
        return None
    bounded = kind in ("CrossEntropyLoss", "BCEWithLogitsLoss") and low >= 0 and high <= 1
    return 0 if bounded or (kind == "NLLLoss" and high > 0) else None
