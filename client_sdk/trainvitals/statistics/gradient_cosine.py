"""The cosine between a parameter's gradient and that of the sample before, at the positions that both have."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.ragged import Ragged

APART = True


def measure(seen: Observation) -> Measured:
    if not seen.gradients:
        return
    before: Ragged | None = seen.memory.get("gradient_cosine")
    # What a shallow sample takes of a large tensor is among what a deep one takes.
    gradients = seen.gradients.thinned(SAMPLES)
    seen.memory["gradient_cosine"] = gradients.kept()
    if before is None:
        return
    now, then = gradients.paired(before)
    if not now:
        return
    size = np.sqrt(now.mean_square * now.counts * (then.mean_square * then.counts))
    cosine = now.sum(now.values * then.values) / size
    chosen = np.flatnonzero(np.isfinite(cosine)).tolist()
    if chosen:
        yield Column("gradient_cosine", tuple(now.owners[row] for row in chosen), np.clip(cosine[chosen], -1.0, 1.0))
