"""How strong the gradient is along the depth of the network."""

from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.signals import Signals


@dataclass(frozen=True, slots=True)
class DepthProfile:
    """Root mean square gradients of the weight matrices in forward order.

    norm / sqrt(elements) makes layers of different width comparable.
    """

    signals: Signals
    weights: tuple[Weight, ...]
    root_elements: Floats

    def growth(self) -> History:
        """The gradient of the first layer beside that of the last, at each step where both are known."""
        return self._across("growth", 0, -1)

    def first_to_last(self) -> History:
        """The gradient of the first layer beside the strongest after it, at each step where both are known."""
        return self._across("first_to_last", 0, None)

    def weak_layer(self, ratio: float) -> Weight:
        """The first layer in backward order, over the last steps, whose gradient is below `ratio` of the strongest."""
        late = self._late()
        typical = np.array([_median(row) for row in late])
        strongest = np.fmax.reduce(typical)
        for place in range(len(self.weights) - 1, -1, -1):
            if typical[place] < ratio * strongest:
                return self.weights[place]
        return self.weights[0]

    def strongest_layer(self) -> str | None:
        """The layer with the strongest gradient at the last sample."""
        last = self._late()[:, -1]
        return self.weights[int(np.nanargmax(last))].layer if np.isfinite(last).any() else None

    def _late(self) -> Floats:
        samples = int(self.signals.thresholds["depth"]["samples"])
        norms = self.signals.last("gradient_norm", [weight.name for weight in self.weights], samples)
        return _strength(norms, self.root_elements)

    def _across(self, name: str, one: int, other: int | None) -> History:
        def quotient(norms: Floats, first: Floats) -> Floats:
            strength = _strength(norms, self.root_elements)
            with np.errstate(invalid="ignore", divide="ignore"):
                below = strength[other] if other is not None else np.fmax.reduce(strength[1:], axis=0)
                return np.asarray(strength[one] / below, np.float64)

        owners = [weight.name for weight in self.weights]
        return self.signals.across("gradient_norm", owners, name, quotient).finite()


def depth_profile(signals: Signals) -> DepthProfile | None:
    """The gradients of all weight matrices; None for a shallow network.

    A weight without any gradient is detached, which is another rule's business.
    """
    depth, known = signals.thresholds["depth"], signals.owners("gradient_norm")
    weights = [weight for weight in signals.network.weights if weight.name in known]
    last = signals.last("gradient_norm", [weight.name for weight in weights], int(depth["samples"]))
    silent = [weights[place].name for place in np.flatnonzero(~last.any(axis=1))]
    never = {name for name, zero in zip(silent, signals.zero("gradient_norm", silent), strict=True) if zero}
    weights = [weight for weight in weights if weight.name not in never]
    if len(weights) < depth["layers_min"]:
        return None
    roots = signals.network.root_elements
    return DepthProfile(signals, tuple(weights), np.array([roots[weight.name] for weight in weights]))


def _strength(norms: Floats, root_elements: Floats) -> Floats:
    """Root mean square [weights, samples]; 0 and non-finite are NaN."""
    strength = norms / root_elements[:, None]
    strength[~np.isfinite(strength) | (strength == 0)] = np.nan
    return np.asarray(strength, np.float64)


def _median(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
