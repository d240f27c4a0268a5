"""How sensitive the first loss is to each weight, before the first update."""

import math

from trainvitals_server.diagnosis.network import RANDOM_TYPES, Network, Weight, is_embedding, is_matrix, is_norm
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import norm_before


def steepest(signals: Signals) -> tuple[Weight, float] | None:
    """The weight to which the first loss is most sensitive: norm of gradient times norm of weight over the loss.

    It does not change with the scale of the loss or of the layers, and is about 1 to 20 in networks that can learn. Of
    a gradient that is clipped it says what is left of it.
    """
    reference, found = signals.loss.reference, signals.at_start("steepest", lambda: _most_sensitive(signals))
    if reference is None or reference <= 0 or found is None:
        return None
    weight, product = found
    return weight, product / reference


def steepest_unclipped(signals: Signals) -> tuple[Weight, float] | None:
    """The same by the gradient as it was before it was clipped."""
    found = steepest(signals)
    if found is None:
        return None
    factor = signals.history("gradient_clip_factor").first(1)
    cut = len(factor) > 0 and factor.steps[0] == 0 and 0 < factor.values[0] < 1
    return (found[0], found[1] / float(factor.values[0])) if cut else found


def own_squares(network: Network) -> list[Weight]:
    """The square matrices of layers of the user's own: one of them may be applied to a state again and again."""
    own = [
        layer
        for layer in network.layers
        if not (layer["type"] in RANDOM_TYPES or is_norm(layer) or is_embedding(layer) or "Attention" in layer["type"])
    ]
    return [
        Weight(layer["name"], layer["type"], parameter["name"], tuple(parameter["shape"]), network.order[layer["name"]])
        for layer in own
        for parameter in layer["parameters"]
        if is_matrix(parameter) and len(set(parameter["shape"])) == 1 and parameter.get("trainable", True)
    ]


def _most_sensitive(signals: Signals) -> tuple[Weight, float] | None:
    """The weight with the largest norm of gradient times norm of weight at step 0, and that product."""
    found: list[tuple[Weight, float]] = []
    for weight in (*signals.network.weights, *own_squares(signals.network)):
        product = signals.first("gradient_norm", weight.name) * norm_before(signals, weight.name)
        if math.isfinite(product):
            found.append((weight, product))
    return max(found, key=lambda pair: pair[1], default=None)
