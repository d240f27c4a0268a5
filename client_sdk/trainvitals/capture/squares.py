"""Whether a loss is a squared error of the model's output, read from the graph of the loss.

The gradient cannot tell: g = 2 c e de/dz has one size for e = z - t, for e = |z| - t and for the distance e of two
embeddings, whatever c is. What tells is that between the square and the output there is nothing but a difference.
"""

from collections.abc import Callable
from typing import Any

from trainvitals.capture.nodes import kind, operands
from trainvitals.capture.similarity import VIEWS

DEPTH_MAX = 16
"""Nodes between the loss and its squares."""
AROUND = VIEWS | {"Mean", "Sum", "Mul", "Div"}
"""What a sum of squares is divided by, or multiplied with, and how it is put together."""
PICKS = VIEWS | {"Select", "Slice"}
Ends = Callable[[Any], bool]


def is_squared_error(loss: Any, ends: Ends) -> bool:
    """Whether it is made of squares of differences between the output, where `ends` says yes, and constants alone."""
    for _ in range(DEPTH_MAX):
        before = list(operands(loss))
        if kind(loss) == "MseLoss":
            return len(before) == 1 and _is_output(before[0], ends)
        if kind(loss) == "Pow" or (kind(loss) == "Mul" and len(before) == 2 and before[0] is before[1]):
            return _is_difference(before[0], ends)
        if kind(loss) not in AROUND or len(before) != 1:
            return False
        loss = before[0]
    return False


def _is_difference(node: Any, ends: Ends) -> bool:
    before = list(operands(node))
    if kind(node) in VIEWS and len(before) == 1 and not ends(node):
        return _is_difference(before[0], ends)
    return kind(node) in ("Sub", "Rsub") and len(before) == 1 and _is_output(before[0], ends)


def _is_output(node: Any, ends: Ends) -> bool:
    while not ends(node):
        before = list(operands(node))
        if kind(node) not in PICKS or len(before) != 1:
            return False
        node = before[0]
    return True
