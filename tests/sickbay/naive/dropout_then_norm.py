"""A dropout somewhere before a batch norm."""

from ..naive_record import NaiveRecord

CAUSE = "normalisation_order"


def fires(record: NaiveRecord) -> int | None:
    """Step 0."""
    types = [layer["type"] for layer in record.layers]
    drops = [place for place, kind in enumerate(types) if kind.startswith("Dropout")]
    return 0 if drops and any(kind.startswith("BatchNorm") for kind in types[drops[0] :]) else None
