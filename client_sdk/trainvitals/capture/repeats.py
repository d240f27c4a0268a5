"""Weights that are applied again and again, each time to what came of the time before: recurrences, by hand or not."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.nodes import PASSING, kind, operands

REPEATS_MIN = 4
"""A few layers that share a weight are no recurrence."""
SQUASHING = frozenset({"Tanh", "Sigmoid"})
CARRYING = (PASSING - {"Mul"}) | {"Sub", "Cat", "Stack", "Unbind", "Select", "Slice", "Split", "SplitWithSizes"}
"""What hands on the gradient of one operand as it is."""

Counts = Mapping[Any, NDArray[np.int32]]


def repeats(
    nodes: Sequence[Any], used: Counter[Any], applied: Mapping[Any, str]
) -> tuple[dict[str, int], dict[str, str]]:
    """How often each weight is applied in a chain, and by which function what goes back into it is squashed.

    `nodes` and `used` are a whole graph, `applied` its nodes that apply a weight. Only weights of chains of
    `REPEATS_MIN` and more are told, squashed those alone whose state is the output of that function and nothing else.
    """
    every = defaultdict[str, list[Any]](list)
    for node, weight in applied.items():
        every[weight].append(node)
    often = {weight: own for weight, own in sorted(every.items()) if len(own) >= REPEATS_MIN}
    if not often:
        return {}, {}
    places = {node: place for place, own in enumerate(often.values()) for node in own}
    below = _applications_below(_outputs_first(nodes, used), places, len(often))
    repeated, squashed = dict[str, int](), dict[str, str]()
    for place, (weight, own) in enumerate(often.items()):
        longest = max(int(below[node][place]) for node in own)
        if longest < REPEATS_MIN:
            continue
        repeated[weight] = longest
        found = {_squash(node, weight, place, below, applied) for node in own if below[node][place] > 1}
        if len(found) == 1 and (function := found.pop()) is not None:
            squashed[weight] = function
    return repeated, squashed


def _outputs_first(nodes: Sequence[Any], used: Counter[Any]) -> list[Any]:
    """The nodes in an order in which each comes after all that use it (Kahn 1962)."""
    left = Counter(used)
    order = [node for node in nodes if not used[node]]
    for node in order:
        for before in operands(node):
            left[before] -= 1
            if not left[before]:
                order.append(before)
    return order


def _applications_below(order: Sequence[Any], places: Mapping[Any, int], weights: int) -> Counts:
    """The most applications of each weight [weights] on a way from the inputs up to and with each node."""
    none = np.zeros(weights, np.int32)
    below = dict[Any, NDArray[np.int32]]()
    for node in reversed(order):
        most = none
        for before in operands(node):
            known = below[before]
            if most is none:
                most = known
            elif known is not none and known is not most:
                most = np.maximum(most, known)
        if (place := places.get(node)) is not None:
            most = most.copy()
            most[place] += 1
        below[node] = most
    return below


def _squash(node: Any, weight: str, place: int, below: Counts, applied: Mapping[Any, str]) -> str | None:
    """The function that lies between an application of a weight and the one before, if nothing else does."""
    found = None
    while True:
        inputs = [before for before in operands(node) if below[before][place]]
        if len(inputs) != 1:
            return None
        (node,) = inputs
        if applied.get(node) == weight:
            return found
        if (name := kind(node)) in SQUASHING:
            if found not in (None, name):
                return None
            found = name
        elif name not in CARRYING:
            return None
