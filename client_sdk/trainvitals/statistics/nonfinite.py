"""How many elements of a layer's output, or of a parameter and its gradient, are NaN or infinite.

An estimate: the count in the sample, scaled to the whole tensor. What is exact beside it (a gradient's norm, the
greatest value of an output that was looked at whole) makes it at least 1; where all were counted, the count stands.
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats, Ragged


def measure(seen: Observation) -> Measured:
    outputs = seen.activations
    if outputs:
        greatest = [seen.whole[owner].absmax if owner in seen.whole else 0.0 for owner in outputs.owners]
        found = np.maximum(_scaled(outputs), ~np.isfinite(greatest))
        yield Column("nonfinite_count", outputs.owners, _counted(seen, outputs.owners, found))
    counts: dict[str, float] = {}
    for part, exact in ((seen.weights, None), (seen.gradients, seen.gradient_norms)):
        found = _scaled(part)
        if exact is not None and part:
            found = np.maximum(found, ~np.isfinite(exact))
        for owner, count in zip(part.owners, found.tolist(), strict=True):
            counts[owner] = max(counts.get(owner, 0.0), count)
    if counts:
        yield Column("nonfinite_count", tuple(counts), _counted(seen, tuple(counts), np.array(list(counts.values()))))


def _scaled(part: Ragged) -> Floats:
    return np.ceil(part.nonfinite * part.sizes / part.counts) if part else np.empty(0)


def _counted(seen: Observation, owners: tuple[str, ...], estimates: Floats) -> Floats:
    return np.array([seen.located.get(owner, count) for owner, count in zip(owners, estimates.tolist(), strict=True)])
