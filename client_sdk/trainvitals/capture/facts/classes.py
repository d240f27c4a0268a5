"""The classes: how well each is recognised over the last looks, the rarest beside the most frequent."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Fact, Number, Told

WINDOW_LOOKS = 64
LOOKS_MIN = 8
COUNT_MIN = 8
"""A label seen more rarely says nothing about its recall."""
RARE_TOLD_MAX = 32
COUNTED_MAX = 2**16
"""Labels up to here are counted in a table."""

Ints = NDArray[np.int64]
Window = deque[tuple[Ints, Ints]]


def describe(batch: Batch) -> Told:
    found = batch.predicted
    if found is None:
        return
    window: Window = batch.memory.setdefault("classes", deque(maxlen=WINDOW_LOOKS))
    window.append(found)
    labels = np.concatenate([labels for labels, _ in window])
    guesses = np.concatenate([guesses for _, guesses in window])
    values, counts = _counted(labels)
    if int(counts.min()) >= COUNT_MIN and len(values) > 1:
        rarest = values[np.argmin(counts)]
        yield Number("rare_class_recall", float(np.mean(guesses[labels == rarest] == rarest)))
    if batch.due and batch.looks >= LOOKS_MIN and batch.phase == "training":
        right, often = _counted(labels[labels == guesses])
        hits = np.zeros(len(values), np.int64)
        hits[np.searchsorted(values, right)] = often
        yield Fact("classes", _details(values, counts, hits, labels, guesses))


def _counted(labels: Ints) -> tuple[Ints, Ints]:
    """The labels in ascending order, and how often each is there; those of a vocabulary need no sorting."""
    if not len(labels) or labels.min() < 0 or labels.max() > COUNTED_MAX:
        return np.unique(labels, return_counts=True)
    counts: Ints = np.bincount(labels)
    values: Ints = np.flatnonzero(counts)
    return values, counts[values]


def _few(values: Ints, counts: Ints) -> Ints:
    """The rarest labels, the rarest first, and the most frequent one last."""
    order = np.argsort(counts, kind="stable")
    few: Ints = values[np.append(order[:RARE_TOLD_MAX], order[-1])]
    return few


def _details(values: Ints, counts: Ints, hits: Ints, labels: Ints, guesses: Ints) -> dict[str, object]:
    few = _few(values, counts).tolist()
    count_of = dict(zip(values.tolist(), counts.tolist(), strict=True))
    hits_of = dict(zip(values.tolist(), hits.tolist(), strict=True))
    recall = {label: hits_of[label] / count_of[label] for label in few}

    def entry(label: int) -> dict[str, object]:
        return {"label": label, "count": count_of[label], "recall": recall[label]}

    return {
        "count": len(labels),
        "accuracy": float((labels == guesses).mean()),
        "rarest": entry(few[0]),
        "most_frequent": entry(few[-1]),
        "predicted_distinct": len(np.unique(guesses)),
        "recall": {str(label): recall[label] for label in few[:-1]},
    }
