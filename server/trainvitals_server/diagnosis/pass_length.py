"""How many steps a pass over the data takes, told from samples that come again."""

import numpy as np

from trainvitals_server.diagnosis.feed import COMPARED, training_batches
from trainvitals_server.diagnosis.signals import Signals

LOOKS_MIN = 8
"""Looks without a sample seen before: where samples are drawn at random some would have come again by then."""
AGAIN = 0.1
"""Share of a batch seen before from which on a second pass has begun."""
FRESH = 0.02
LOOKS_MAX = 64
ERROR_MAX = 0.12
"""How far off what passes of this length would give the shares may lie in the mean: of 64 samples 0.06 are chance."""


NEAR = 0.006
"""Lengths whose error lies so near to the least are as likely."""


def pass_lengths(signals: Signals) -> tuple[int, ...]:
    """In steps, all that are likely, mostly one to five; none where samples do not come again, or not pass by pass.

    Before a pass is over no sample comes again. Afterwards the share of those seen before tells how many there are, as
    where marked animals are caught again (Lincoln 1930).
    """
    batches = [(step, batch) for step, batch in signals.once(training_batches) if "rows_seen" in batch][:LOOKS_MAX]
    if not batches:
        return ()
    steps = np.array([step for step, _ in batches])
    rows = np.array([min(COMPARED, int(batch.get("size", 1))) for _, batch in batches])
    shares = np.array([float(batch["rows_seen"]) for _, batch in batches])
    again = np.flatnonzero(shares >= AGAIN)
    if not len(again) or again[0] < LOOKS_MIN or (shares[: again[0]] > FRESH).any():
        return ()
    first = int(again[0])
    whole = [step - batch["input_seen_step"] for step, batch in batches if batch.get("input_seen_step") is not None]
    if whole:
        return (int(whole[0]),)
    size = float(np.median([int(batch.get("size", 1)) for _, batch in batches]))
    candidates = range(int(steps[first - 1]) + 1, int(steps[first]) + 1)
    errors = [float(np.abs(shares - _expected(steps, rows, length, length * size)).mean()) for length in candidates]
    most = min(ERROR_MAX, min(errors) + NEAR)
    return tuple(length for length, error in zip(candidates, errors, strict=True) if error <= most)


def _expected(steps: np.ndarray, rows: np.ndarray, length: int, samples: float) -> np.ndarray:
    """The share of each batch that an earlier look had, where each pass takes `length` steps in an order of its own."""
    passes = steps // length
    looked = np.bincount(passes, rows)
    missed = np.concatenate([[1.0], np.cumprod(1 - np.minimum(1, looked / samples))])
    return np.asarray(1 - missed[passes])
