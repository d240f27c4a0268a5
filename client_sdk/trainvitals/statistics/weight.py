"""Mean, standard deviation and norm of a parameter after the step."""

from trainvitals.capture.calibration import calibrated_norms
from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.positions import SAMPLES


def measure(seen: Observation) -> Measured:
    # The same elements at every depth, or the series would have a step of its own at each deep one.
    weights = seen.weights.thinned(SAMPLES)
    if weights:
        norms = calibrated_norms(seen.weights, seen)
        yield Column("weight_mean", weights.owners, weights.mean)
        yield Column("weight_std", weights.owners, weights.std_from(norms))
        yield Column("weight_norm", weights.owners, norms)
