"""How many elements of a layer's output, or of a parameter and its gradient, are NaN or infinite.

An estimate: the count in the sample, scaled to the whole tensor. What is exact beside it (a gradient's norm, an
output's extremes on deep steps) makes it at least 1.
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats, Ragged


def measure(seen: Observation) -> Measured:
    if seen.activations:
        found = _scaled(seen.activations)
        extremes = [seen.extremes.get(owner, (0.0, 0.0)) for owner in seen.activations.owners]
        yield Column("nonfinite_count", seen.activations.owners, np.maximum(found, ~np.isfinite(extremes).all(axis=1)))
    counts: dict[str, float] = {}
    for part, exact in ((seen.weights, None), (seen.gradients, seen.gradient_norms)):
        found = _scaled(part)
        if exact is not None and part:
            found = np.maximum(found, ~np.isfinite(exact))
        for owner, count in zip(part.owners, found.tolist(), strict=True):
            counts[owner] = max(counts.get(owner, 0.0), count)
    if counts:
        yield Column("nonfinite_count", tuple(counts), np.array(list(counts.values())))


def _scaled(part: Ragged) -> Floats:
    return np.ceil(part.nonfinite * part.sizes / part.counts) if part else np.empty(0)
