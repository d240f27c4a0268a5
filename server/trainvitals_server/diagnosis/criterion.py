"""What the criterion was fed, as the SDK saw it: its type, shapes, ranges and labels, flat in one mapping."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainvitals_wire.records import Fact

CLASS_INDEX = frozenset({"CrossEntropyLoss", "NLLLoss"})
BINARY = frozenset({"BCEWithLogitsLoss", "BCELoss"})
ELEMENTWISE = frozenset({"MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"})

Criterion = Mapping[str, Any]


def merged(facts: Sequence[Fact]) -> Criterion:
    """All facts of the criterion as one: later ones replace, `details` lie flat beside the rest; empty without any."""
    found: dict[str, Any] = {}
    for fact in facts:
        found.update(fact)
        found.update(fact.get("details", {}))
    return found


def labels(criterion: Criterion) -> tuple[float, ...]:
    """How often each label was seen in the first batch, ignored ones (below 0) left out."""
    counts = criterion.get("label_counts") or {}
    if not isinstance(counts, Mapping):
        return tuple(float(count) for count in counts)
    return tuple(float(count) for label, count in counts.items() if float(label) >= 0)


def within(criterion: Criterion, name: str, low: float, high: float) -> bool:
    """Whether `output`, `target` or `output_row_sum` is known to lie between two bounds."""
    least, greatest = criterion.get(f"{name}_min"), criterion.get(f"{name}_max")
    return least is not None and greatest is not None and low <= least and greatest <= high
