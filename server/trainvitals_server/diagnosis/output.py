"""What the criterion is fed, told by its numbers over all looks: which activation it must come from."""

import math
from collections.abc import Sequence

import numpy as np

from trainvitals_server.diagnosis.criterion import Criterion
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.signals import Signals

UNBOUNDED = math.inf
BOUNDS = {"Sigmoid": (0.0, 1.0), "Hardsigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
BOUNDS |= {"Hardtanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0), "ReLU6": (0.0, 6.0)}
SCALED = 0.2
"""Share by which the spread of what the criterion is fed may differ from that of the last layer: a sample of both."""
RECTIFIERS = frozenset({"ReLU", "ReLU6", "Softplus"})


def last_type(network: Network, seen: Criterion) -> str:
    """The type of the last layer in forward order where its output is what the criterion is fed, else nothing.

    An axis of length 1 that is squeezed away, or added, changes no value.
    """
    if not network.layers or not seen.get("output_shape"):
        return ""
    last = network.layers[-1]
    return last["type"] if _axes(last["output_shape"] or []) == _axes(seen["output_shape"]) else ""


def _axes(shape: Sequence[int]) -> list[int]:
    """Those of each sample, without axes of length 1."""
    return [length for length in shape[1:] if length != 1]


def passed_on(signals: Signals) -> bool:
    """Whether the criterion is fed what the last layer gives, as far as both were looked at: nothing scales it."""
    layers = signals.network.layers
    one, other = signals.history("output_std"), signals.of("activation_std", layers[-1]["name"] if layers else "")
    fed, given = one.finite().beside(other.finite())
    return not len(fed) or float(np.median(np.abs(fed.values - given.values))) <= SCALED * float(given.values.max())


def bounds(kind: str) -> tuple[float, float]:
    """What an activation can reach."""
    return (0.0, UNBOUNDED) if kind in RECTIFIERS - {"ReLU6"} else BOUNDS.get(kind, (-UNBOUNDED, UNBOUNDED))


def looks(signals: Signals) -> tuple[History, History]:
    """The least and the greatest output at each look."""
    least, greatest = (signals.history(f"output_{name}").finite() for name in ("min", "max"))
    return least.beside(greatest)


def reach(signals: Signals, points: int, near: float) -> tuple[float, float, str] | None:
    """The bounds that the numbers themselves show, where no layer's name tells: low, high, in words.

    A rectifier gives exact zeros and nothing below. A squashing function that is pushed beyond its bounds piles up
    `near` one of them in most later batches, and never passes it; what keeps within them by chance does not pile up.
    """
    least, greatest = looks(signals)
    if len(least) < points:
        return None
    low, high = float(least.values.min()), float(greatest.values.max())
    if low == 0.0 and np.count_nonzero(least.values == 0.0) >= 0.8 * len(least) and high > 1.0:
        return 0.0, UNBOUNDED, "the output, which is exactly 0 at its least in most batches"
    later = len(least) // 2
    piles_up_above = float(np.median(greatest.values[-later:])) >= near
    if low >= 0.0 and high <= 1.0 and piles_up_above:
        return 0.0, 1.0, "the output, which keeps within 0 and 1"
    piles_up_below = float(np.median(least.values[-later:])) <= -near
    if -1.0 <= low < 0.0 and high <= 1.0 and (piles_up_above or piles_up_below):
        return -1.0, 1.0, "the output, which keeps within -1 and 1"
    return None


def double_softmax_floor(classes: int) -> float:
    """The least cross-entropy of scores that are probabilities: those of a certain and right answer."""
    return math.log(1 + (classes - 1) / math.e)
