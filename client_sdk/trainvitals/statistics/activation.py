"""Mean, standard deviation, share of exact zeros and greatest absolute value of a layer's output."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    outputs = seen.activations
    if outputs:
        yield Column("activation_mean", outputs.owners, outputs.mean)
        yield Column("activation_std", outputs.owners, outputs.std)
        yield Column("activation_zero_fraction", outputs.owners, outputs.fraction(outputs.values == 0))
    if seen.whole:
        yield Column("activation_absmax", tuple(seen.whole), np.array([whole.absmax for whole in seen.whole.values()]))
