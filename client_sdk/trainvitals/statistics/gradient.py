"""Mean, standard deviation and exact norm of the gradients that the optimizer sees, and the norm of them all."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    gradients = seen.gradients
    if gradients:
        yield Column("gradient_mean", gradients.owners, gradients.mean)
        yield Column("gradient_std", gradients.owners, gradients.std_from(seen.gradient_norms))
        yield Column("gradient_norm", gradients.owners, seen.gradient_norms)
        yield Column("gradient_norm_total", ("",), np.sqrt([np.square(seen.gradient_norms).sum()]))
