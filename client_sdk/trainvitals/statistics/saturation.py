"""The share of a squashing layer's outputs that lie where its derivative is small.

The thresholds are those of `trainvitals.capture.units.saturation_of`.
"""

from collections.abc import Mapping

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats, Ragged


def measure(seen: Observation) -> Measured:
    limits = seen.saturations
    chosen = [row for row, owner in enumerate(seen.activations.owners) if owner in limits]
    if chosen:
        outputs = seen.activations.select(chosen)
        yield Column("activation_saturated_fraction", outputs.owners, _fractions(outputs, seen, limits))


def _fractions(outputs: Ragged, seen: Observation, limits: Mapping[str, tuple[float, float]]) -> Floats:
    """Of the sample; exact where the output was looked at whole."""
    centre = np.repeat([limits[owner][0] for owner in outputs.owners], outputs.counts)
    limit = np.repeat([limits[owner][1] for owner in outputs.owners], outputs.counts)
    found = outputs.fraction(np.abs(outputs.values - centre) > limit)
    for place, owner in enumerate(outputs.owners):
        whole = seen.whole.get(owner)
        if whole is not None and whole.saturated is not None:
            found[place] = float(whole.saturated.mean(dtype=np.float64))
    return found
