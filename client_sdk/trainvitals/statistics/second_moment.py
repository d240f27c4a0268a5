"""The share of elements where the root of the second moment is below epsilon: the step is no longer adaptive."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation

APART = True


def measure(seen: Observation) -> Measured:
    if seen.second_moments:
        shares = [float((np.sqrt(moment.values) < moment.epsilon).mean()) for moment in seen.second_moments.values()]
        yield Column("epsilon_dominated_fraction", tuple(seen.second_moments), np.array(shares))
