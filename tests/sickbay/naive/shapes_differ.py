"""Prediction and target of an elementwise loss differ in shape."""

from ..naive_record import NaiveRecord

CAUSE = "shape_broadcast"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    kind, output, target = (record.criterion.get(name) for name in ("type", "output_shape", "target_shape"))
    return 0 if kind not in ("CrossEntropyLoss", "NLLLoss", None) and output != target else None
