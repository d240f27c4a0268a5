"""Norms of weights: those of the sample, scaled by what the last deep step found of the whole tensor.

Weights move slowly, so the share of the norm that the sampled elements hold stays as it is between two deep steps.
"""

import numpy as np

from trainvitals.capture.observation import Observation
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.ragged import Floats, Ragged


def calibrated_norms(part: Ragged, seen: Observation) -> Floats:
    """The norm of each row of weights, before or after the step [rows]; the same elements count at every depth."""
    factors: dict[str, float] = seen.memory.setdefault("weight_norms", {})
    before = seen.weights_before
    if before and len(seen.weight_norms) == len(before.owners):
        sampled = before.thinned(SAMPLES).norm
        with np.errstate(all="ignore"):
            found = seen.weight_norms / sampled
        usable = np.isfinite(found) & (found > 0)
        factors.update(zip(before.owners, np.where(usable, found, 1.0).tolist(), strict=True))
    norms: Floats = part.thinned(SAMPLES).norm * np.array([factors.get(owner, 1.0) for owner in part.owners])
    return norms
