"""Mean, standard deviation and norm of a parameter after the step."""

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    weights = seen.weights
    if weights:
        yield Column("weight_mean", weights.owners, weights.mean)
        yield Column("weight_std", weights.owners, weights.std)
        yield Column("weight_norm", weights.owners, weights.norm)
