"""The batch: its size and its hashes, so that repeated, constant and unshuffled ones show."""

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Fact, Part, Told
from trainvitals.capture.positions import positions

HASHED_MAX = 2**13
"""Elements of a part that its hash is of."""
HASH_DIGITS = 16
HASHES_MAX = 4096
"""Looks that are remembered."""
LOOKS_TOLD = {"training": 256, "evaluation": 32}
RARELY = 8
"""After so many looks of a phase only each eighth is told: a reader keeps the first and the last."""
NARROW = ("float32", "float16", "bfloat16")
ROWS_MAX, ROW_COLUMNS_MAX = 64, 512
"""Of rows that are compared within a batch, and with those of earlier looks."""
ROWS_REMEMBERED = 2**15


def describe(batch: Batch) -> Told:
    details: dict[str, object] = {"phase": batch.phase}
    first = batch.input or batch.target
    if first is None:
        return
    details["size"] = first.shape[0] if first.shape else 1
    for name, part in (("input", batch.input), ("target", batch.labels or batch.target)):
        if part is not None:
            hashed = _hash(part)
            seen: dict[str, int] = batch.memory.setdefault(f"{name}_hashes", {})
            details[f"{name}_hash"], details[f"{name}_seen_step"] = hashed, seen.pop(hashed, None)
            seen[hashed] = batch.step
            if len(seen) > HASHES_MAX:
                del seen[next(iter(seen))]
    if batch.input is not None:
        details |= _of_rows(batch.input, batch.memory.setdefault("rows", set()))
    if batch.classes and len(batch.label_values):
        labels = batch.label_values
        details["labels_distinct"] = len(np.unique(labels))
        details["labels_sorted"] = bool((np.diff(labels) >= 0).all())
    if batch.looks <= LOOKS_TOLD[batch.phase] or batch.looks % RARELY == 0:
        yield Fact("batch", details)


def _hash(part: Part) -> str:
    flat = part.values.ravel()
    chosen = _narrow(part, flat[positions(len(flat), HASHED_MAX)] if len(flat) > HASHED_MAX else flat)
    # Processors have instructions for this one: half the time of blake2b.
    return sha256(chosen.tobytes() + repr(part.shape).encode()).hexdigest()[:HASH_DIGITS]


def _of_rows(part: Part, seen: set[int]) -> dict[str, float]:
    """How many samples differ, and how many an earlier look had: a pass over the data is over when they come again."""
    apart = -(-part.values.shape[1] // ROW_COLUMNS_MAX)
    rows = _narrow(part, part.values[:ROWS_MAX, ::apart])
    size, packed = rows[0].nbytes, rows.tobytes()
    # Python's own hash: 64 bits that only have to tell samples of one process apart.
    hashes = [hash(packed[place : place + size]) for place in range(0, len(packed), size)]
    details = {"distinct_rows": len(set(hashes)) / len(rows)}
    if len(seen) < ROWS_REMEMBERED:
        details["rows_seen"] = sum(found in seen for found in hashes) / len(rows)
        seen.update(hashes)
    return details


def _narrow(part: Part, values: NDArray[Any]) -> NDArray[Any]:
    """As float32 where that is what they were, which is half as many bytes."""
    return values.astype(np.float32) if part.dtype in NARROW else values
