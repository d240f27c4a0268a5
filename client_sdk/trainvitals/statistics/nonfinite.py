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
    owners, counts = _of_parameters(seen)
    if owners:
        yield Column("nonfinite_count", owners, _counted(seen, owners, counts))


def _of_parameters(seen: Observation) -> tuple[tuple[str, ...], Floats]:
    """The greater count of weight and gradient of each."""
    weights, gradients = seen.weights, seen.gradients
    of_weights, of_gradients = _scaled(weights), _scaled(gradients)
    if gradients:
        of_gradients = np.maximum(of_gradients, ~np.isfinite(seen.gradient_norms))
    if weights.owners == gradients.owners:
        return weights.owners, np.maximum(of_weights, of_gradients)
    counts = dict(zip(weights.owners, of_weights.tolist(), strict=True))
    for owner, count in zip(gradients.owners, of_gradients.tolist(), strict=True):
        counts[owner] = max(counts.get(owner, 0.0), count)
    return tuple(counts), np.array(list(counts.values()))


def _scaled(part: Ragged) -> Floats:
    return np.ceil(part.nonfinite * part.sizes / part.counts) if part else np.empty(0)


def _counted(seen: Observation, owners: tuple[str, ...], estimates: Floats) -> Floats:
    if not seen.located:
        return estimates
    return np.array([seen.located.get(owner, count) for owner, count in zip(owners, estimates.tolist(), strict=True)])
