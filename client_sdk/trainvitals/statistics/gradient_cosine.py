"""The cosine between a parameter's gradient and that of the sample before, at the positions that both have."""

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Ragged

APART = True


def measure(seen: Observation) -> Measured:
    if not seen.gradients:
        return
    before: dict[str, NDArray[np.float32]] = seen.memory.get("gradient_cosine", {})
    rows = dict(zip(seen.gradients.owners, seen.gradients.rows, strict=True))
    # The buffers are used again.
    seen.memory["gradient_cosine"] = {owner: row.copy() for owner, row in rows.items()}
    # Shallow and deep samples of a large tensor lie at other positions.
    shared = [owner for owner, row in rows.items() if owner in before and len(before[owner]) == len(row)]
    if not shared:
        return
    now, then = _ragged(shared, rows), _ragged(shared, before)
    size = np.sqrt(now.sum(np.square(now.values)) * then.sum(np.square(then.values)))
    cosine = now.sum(now.values * then.values) / size
    chosen = np.flatnonzero(np.isfinite(cosine)).tolist()
    if chosen:
        yield Column("gradient_cosine", tuple(shared[row] for row in chosen), np.clip(cosine[chosen], -1.0, 1.0))


def _ragged(owners: list[str], rows: dict[str, NDArray[np.float32]]) -> Ragged:
    return Ragged(tuple(owners), np.empty(0), [rows[owner] for owner in owners])
