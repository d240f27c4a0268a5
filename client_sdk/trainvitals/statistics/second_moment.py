"""The share of elements where the root of the second moment is below epsilon: the step is no longer adaptive."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation

APART = True


def measure(seen: Observation) -> Measured:
    if seen.second_moments is not None:
        moments, limits = seen.second_moments
        below = moments.values < np.repeat(limits, moments.counts)
        yield Column("epsilon_dominated_fraction", moments.owners, moments.fraction(below))
