"""How many elements a layer's output, or this rank's part of a parameter, has: the weight with which ranks are merged.

Told only where several processes train together.
"""

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    if seen.several_ranks and seen.activations:
        yield Column("activation_count", seen.activations.owners, seen.activations.sizes)
    part = seen.weights or seen.gradients
    if seen.several_ranks and part:
        yield Column("weight_count", part.owners, part.sizes)
