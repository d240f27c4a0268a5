"""Mean, standard deviation and share of exact zeros of a layer's output."""

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    outputs = seen.activations
    if outputs:
        yield Column("activation_mean", outputs.owners, outputs.mean)
        yield Column("activation_std", outputs.owners, outputs.std)
        yield Column("activation_zero_fraction", outputs.owners, outputs.fraction(outputs.values == 0))
