"""The classes: how well each is recognised over the last looks, the rarest beside the most frequent."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Fact, Number, Told
from trainvitals.capture.predictions import predicted

WINDOW_LOOKS = 64
LOOKS_MIN = 8
COUNT_MIN = 8
"""A label seen more rarely says nothing about its recall."""
RARE_TOLD_MAX = 32

Ints = NDArray[np.int64]
Window = deque[tuple[Ints, Ints]]


def describe(batch: Batch) -> Told:
    found = predicted(batch)
    if found is None:
        return
    window: Window = batch.memory.setdefault("classes", deque(maxlen=WINDOW_LOOKS))
    window.append(found)
    labels = np.concatenate([labels for labels, _ in window])
    guesses = np.concatenate([guesses for _, guesses in window])
    values, counts = np.unique(labels, return_counts=True)
    hits = np.array([(guesses[labels == value] == value).sum() for value in _few(values, counts)])
    if int(counts.min()) >= COUNT_MIN and len(values) > 1:
        yield Number("rare_class_recall", float(hits[0] / counts.min()))
    if batch.due and batch.looks >= LOOKS_MIN and batch.phase == "training":
        yield Fact("classes", _details(values, counts, hits, labels, guesses))


def _few(values: Ints, counts: Ints) -> Ints:
    """The rarest labels, the rarest first, and the most frequent one last."""
    order = np.argsort(counts, kind="stable")
    few: Ints = values[np.append(order[:RARE_TOLD_MAX], order[-1])]
    return few


def _details(values: Ints, counts: Ints, hits: Ints, labels: Ints, guesses: Ints) -> dict[str, object]:
    few = _few(values, counts).tolist()
    count_of = dict(zip(values.tolist(), counts.tolist(), strict=True))
    recall = {label: int(hit) / count_of[label] for label, hit in zip(few, hits, strict=True)}

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
