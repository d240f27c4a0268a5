"""How strong the gradient is along the depth of the network."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.signals import Signals

LAYERS_MIN = 3
"""Below three weight matrices there is no depth along which a gradient could vanish."""


@dataclass(frozen=True, slots=True)
class DepthProfile:
    """Root mean square gradient [steps, weights] of the weight matrices in forward order; 0 and non-finite are NaN."""

    weights: tuple[Weight, ...]
    steps: NDArray[np.int64]
    strength: NDArray[np.float64]

    def growth(self) -> History:
        """The gradient of the first layer beside that of the last, at each step where both are known."""
        return History(self.steps, self.strength[:, 0] / self.strength[:, -1]).finite()

    def first_to_last(self) -> History:
        """The gradient of the first layer beside the strongest after it, at each step where both are known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            strongest = np.fmax.reduce(self.strength[:, 1:], axis=1)
            return History(self.steps, self.strength[:, 0] / strongest).finite()

    def weak_layer(self, ratio: float) -> Weight:
        """The first layer in backward order, over the last steps, whose gradient is below `ratio` of the strongest."""
        typical = np.array([_median(column[-10:]) for column in self.strength.T])
        strongest = np.nanmax(typical)
        for place in range(len(self.weights) - 1, -1, -1):
            if typical[place] < ratio * strongest:
                return self.weights[place]
        return self.weights[0]


def depth_profile(signals: Signals) -> DepthProfile | None:
    """The gradients of all weight matrices at the steps they share; None for a shallow network.

    The root mean square, norm / sqrt(elements), makes layers of different width comparable.
    """
    known = [(weight, signals.of("gradient_norm", weight.name)) for weight in signals.network.weights]
    # A weight without any gradient is detached, which is another rule's business.
    known = [(weight, norm) for weight, norm in known if len(norm) and (norm.values != 0).any()]
    steps = max((norm.steps for _, norm in known), key=len, default=EMPTY.steps)
    known = [(weight, norm) for weight, norm in known if np.array_equal(norm.steps, steps)]
    if len(known) < LAYERS_MIN or not len(steps):
        return None
    columns = [norm.values / math.sqrt(math.prod(weight.shape)) for weight, norm in known]
    strength = np.stack(columns, axis=1)
    strength[~np.isfinite(strength) | (strength == 0)] = np.nan
    return DepthProfile(tuple(weight for weight, _ in known), steps, strength)


def _median(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
