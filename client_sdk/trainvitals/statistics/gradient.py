"""Mean, standard deviation and exact norm of the gradients that the optimizer sees, and the norm of them all."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats


def measure(seen: Observation) -> Measured:
    gradients = seen.gradients
    if gradients:
        yield Column("gradient_mean", gradients.owners, gradients.mean)
        yield Column("gradient_std", gradients.owners, _std(seen))
        yield Column("gradient_norm", gradients.owners, seen.gradient_norms)
        yield Column("gradient_norm_total", ("",), np.sqrt([np.square(seen.gradient_norms).sum()]))


def _std(seen: Observation) -> Floats:
    """From the exact mean square: of heavy tails a sample catches too few.

    Where the mean outweighs the spread its own error would show, and the sample's standard deviation stands.
    """
    gradients = seen.gradients
    variance = np.square(seen.gradient_norms) / gradients.sizes - np.square(gradients.mean)
    sampled = (gradients.counts < gradients.sizes) & (np.abs(gradients.mean) < gradients.std) & (variance > 0)
    return np.where(sampled, np.sqrt(np.maximum(variance, 0)), gradients.std)
