"""The share of a squashing layer's outputs that lie where its derivative is small.

Thresholds on the pre-activation: 2.5 for tanh (derivative 0.027), 5 for the sigmoid (derivative 0.0066).
"""

import math

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats, Ragged

TANH_LIMIT = math.tanh(2.5)
SIGMOID_LIMIT = 1 / (1 + math.exp(-5))
CENTRES = {"Tanh": (0.0, TANH_LIMIT), "Sigmoid": (0.5, SIGMOID_LIMIT - 0.5)}
"""For each layer type: the middle of its range, and how far from there saturation begins."""


def measure(seen: Observation) -> Measured:
    types = [seen.layer_types.get(owner, "") for owner in seen.activations.owners]
    chosen = [row for row, kind in enumerate(types) if kind in CENTRES]
    if chosen:
        outputs = seen.activations.select(chosen)
        yield Column(
            "activation_saturated_fraction", outputs.owners, _fractions(outputs, [types[row] for row in chosen])
        )


def _fractions(outputs: Ragged, types: list[str]) -> Floats:
    centre = np.repeat([CENTRES[kind][0] for kind in types], outputs.counts)
    limit = np.repeat([CENTRES[kind][1] for kind in types], outputs.counts)
    return outputs.fraction(np.abs(outputs.values - centre) > limit)
