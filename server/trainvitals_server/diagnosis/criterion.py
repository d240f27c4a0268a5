"""What the criterion was fed, as the SDK saw it: its type, shapes, ranges and labels, flat in one mapping."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainvitals_wire.records import Fact

CLASS_INDEX = frozenset({"CrossEntropyLoss", "NLLLoss"})
BINARY = frozenset({"BCEWithLogitsLoss", "BCELoss"})
LOG_PROBABILITIES = frozenset({"NLLLoss", "KLDivLoss"})
"""They take logarithms of probabilities."""
ELEMENTWISE = frozenset({"MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"})
OF_ALL_BATCHES = ("labels", "target")
"""Facts of what all batches looked at so far held, beside those of the criterion, which tell of the first."""
MOMENTS = ("mean", "std", "min", "max")

Criterion = Mapping[str, Any]


def merged(facts: Sequence[Fact]) -> Criterion:
    """All facts of the criterion as one: later ones replace, `details` lie flat beside the rest; empty without any."""
    found: dict[str, Any] = {}
    for fact in facts:
        found.update(fact)
        found.update(fact.get("details", {}))
    return found


def with_targets(facts: Sequence[Fact]) -> Criterion:
    """What the criterion was fed; of facts of labels and targets, over all batches, in place of the first batch's."""
    found = dict(merged([fact for fact in facts if fact.get("kind") not in OF_ALL_BATCHES]))
    if not found:
        return found
    for fact in facts:
        details = fact.get("details", {})
        if fact.get("owner") or fact.get("kind") not in OF_ALL_BATCHES:
            continue
        if details.get("label_counts"):
            found["label_counts"] = details["label_counts"]
        if fact["kind"] == "target":
            found |= {f"target_{name}": details[name] for name in MOMENTS if details.get(name) is not None}
    return found


def labels(criterion: Criterion) -> tuple[float, ...]:
    """How often each label was seen, ignored ones (below 0) left out."""
    counts = criterion.get("label_counts") or {}
    if not isinstance(counts, Mapping):
        return tuple(float(count) for count in counts)
    return tuple(float(count) for label, count in counts.items() if float(label) >= 0)


def within(criterion: Criterion, name: str, low: float, high: float) -> bool:
    """Whether `output`, `target` or `output_row_sum` is known to lie between two bounds."""
    least, greatest = criterion.get(f"{name}_min"), criterion.get(f"{name}_max")
    return least is not None and greatest is not None and low <= least and greatest <= high
