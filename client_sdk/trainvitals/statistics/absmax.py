"""The greatest absolute value of a layer's output, where it was looked at whole."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation

APART = True
"""Large outputs are looked at whole at some samples only."""


def measure(seen: Observation) -> Measured:
    if seen.whole:
        yield Column("activation_absmax", tuple(seen.whole), np.array([whole.absmax for whole in seen.whole.values()]))
