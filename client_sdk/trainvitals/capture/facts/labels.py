"""The labels: how often each class occurs, and whether batches hold what shuffling would give them."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from trainvitals.capture.batch import Batch, Fact, Floats, Told

LABELS_TOLD_MAX = 1000
LABELS_KEPT_MAX = 65_536


@dataclass
class Seen:
    """Over all looks so far; `sizes`: how many labels a look held, and how often."""

    counts: Counter[int] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)
    distinct: int = 0
    single: int = 0
    sorted: int = 0
    ignored: int = 0
    looks: int = 0


def describe(batch: Batch) -> Told:
    labels = batch.label_values
    if batch.phase != "training" or not batch.classes or not len(labels):
        return
    seen: Seen = batch.memory.setdefault("labels", Seen())
    found, counts = np.unique(labels, return_counts=True)
    for label, count in zip(found.tolist(), counts.tolist(), strict=True):
        if label in seen.counts or len(seen.counts) < LABELS_KEPT_MAX:
            seen.counts[label] += count
    seen.looks += 1
    seen.sizes[len(labels)] += 1
    seen.distinct += len(found)
    seen.single += int(len(found) == 1 and len(labels) > 1)
    seen.sorted += int(len(found) > 1 and bool((np.diff(labels) >= 0).all()))
    seen.ignored += (batch.labels.values.size if batch.labels is not None else len(labels)) - len(labels)
    if batch.due:
        yield Fact("labels", {**_details(seen), "classes": batch.classes})


def _details(seen: Seen) -> dict[str, object]:
    prior = np.array(list(seen.counts.values()), dtype=np.float64)
    prior /= prior.sum()
    common = sorted(seen.counts.most_common(LABELS_TOLD_MAX))
    return {
        "looks": seen.looks,
        "count": seen.counts.total(),
        "label_counts": {str(label): count for label, count in common},
        "labels_seen": len(seen.counts),
        "prior_entropy": float(-(prior * np.log(prior)).sum()) + 0.0,
        "single_label_batches": seen.single,
        "sorted_batches": seen.sorted,
        "distinct_mean": seen.distinct / seen.looks,
        "distinct_expected": _expected(prior, seen.sizes) / seen.looks,
        "ignored": seen.ignored,
    }


def _expected(prior: Floats, sizes: Counter[int]) -> float:
    """How many distinct labels all looks would hold together if each drew its labels from the prior."""
    return float(sum(often * (1 - (1 - prior) ** size).sum() for size, often in sizes.items()))
