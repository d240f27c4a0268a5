"""The bias of the output layer, where it makes most of what the untrained network gives."""

import math

from trainvitals_server.diagnosis.feed import size
from trainvitals_server.diagnosis.history import EMPTY
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import norm_before

MOST = 0.5
"""Share of the outputs' size from which the bias makes most of it."""


def output_biases(signals: Signals) -> tuple[tuple[str, float], ...]:
    """The vectors of the output layer, each with its root mean square before the first update."""
    network = signals.network
    if not network.layers:
        return ()
    found = [p for p in network.layers[network.output_place]["parameters"] if len(p["shape"]) == 1]
    return tuple((p["name"], norm_before(signals, p["name"]) / math.sqrt(max(1, p["shape"][0]))) for p in found)


def dominant_bias(signals: Signals) -> tuple[str, float] | None:
    """Name and root mean square of the bias that makes most of the first outputs' size; None where none does."""
    biases = signals.once(output_biases)
    if not biases:
        return None
    layer = signals.network.layers[signals.network.output_place]["name"]
    # Without a criterion the output layer itself tells what it gives.
    told = [(signals.history("output_mean"), signals.history("output_std"))]
    told.append((signals.of("activation_mean", layer), signals.of("activation_std", layer)))
    first = next((known.values for mean, std in told if len(known := size(mean, std).finite().first(1))), EMPTY.values)
    if not len(first):
        return None
    return next(((name, own) for name, own in biases if MOST * first[0] < own < first[0] / MOST), None)
