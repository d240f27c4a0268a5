"""Whether the whole of a loss is a cosine similarity, and with which sign, read from the graph of the loss.

The gradient cannot tell: that of cos(z, t) is that of minus cos(z, -t). What tells is the minus in the graph: `-cos`,
`1 - cos` and `2 - 2 cos` have one (Grill et al. 2020; Chen and He 2021), the mean similarity alone has none.
"""

from collections.abc import Callable
from typing import Any

from trainvitals.capture.nodes import PASSING, kind, operands

DEPTH_MAX = 64
"""Nodes between the loss and the similarity."""
VIEWS = PASSING - {"Mul", "Add", "NativeDropout"}
NORMS = frozenset({"LinalgVectorNorm", "Norm"})
AROUND_NORMS = VIEWS | {"ClampMin", "Clamp", "Maximum", "Add", "Mul"}
"""Between a norm and the division by it: what keeps it from 0, and the norm of the other side."""
Ends = Callable[[Any], bool]
"""Whether a node gives the model's output."""


def sign_of_similarity(loss: Any, ends: Ends, depth: int = 0) -> int:
    """+1: the loss rises with the cosine similarity of the model's output and of something else, and with nothing
    besides; -1: it falls with it; 0: it is something else, or cannot be told, as where the factor before it is a
    number that the backward pass has freed already.
    """
    if depth > DEPTH_MAX:
        return 0
    name, (first, second) = kind(loss), _two(loss)
    if _is_similarity(loss, ends):
        return 1
    if name == "Add" and first is not None and second is not None:
        one, other = (sign_of_similarity(side, ends, depth + 1) for side in (first, second))
        return one if one == other else 0
    if name == "Sub" and first is None and second is not None:
        return -sign_of_similarity(second, ends, depth + 1)
    if first is None or second is not None:
        return 0
    if name in ("Neg", "Rsub"):
        return -sign_of_similarity(first, ends, depth + 1)
    if name in VIEWS | {"Mean", "Sum", "Sub", "Add", "Div"}:
        # What a loss is divided by is a number of samples or of passes.
        return sign_of_similarity(first, ends, depth + 1)
    return 0


def _is_similarity(node: Any, ends: Ends) -> bool:
    """Products summed over the features, of which one side or the sum is divided by the norm of the output."""
    name, (first, second) = kind(node), _two(node)
    if name in ("Sum", "Mean"):
        return first is not None and _is_product(first, lambda side: _is_normalised(side, ends))
    if name != "Div" or first is None or second is None or kind(first) != "Sum":
        return False
    total = _two(first)[0]
    return total is not None and _is_product(total, lambda side: _ends(side, ends)) and _is_norm(second, ends)


def _is_product(node: Any, of: Ends) -> bool:
    """Each side is such a one, or a constant."""
    sides = list(operands(node))
    return kind(node) == "Mul" and bool(sides) and all(map(of, sides))


def _is_normalised(node: Any, ends: Ends) -> bool:
    first, second = _two(node)
    if kind(node) in VIEWS and first is not None:
        return _is_normalised(first, ends)
    divides = kind(node) == "Div" and first is not None and second is not None
    return divides and _ends(first, ends) and _is_norm(second, ends)


def _is_norm(node: Any, ends: Ends) -> bool:
    if kind(node) in NORMS:
        return all(_ends(before, ends) for before in operands(node))
    return kind(node) in AROUND_NORMS and all(_is_norm(before, ends) for before in operands(node))


def _ends(node: Any, ends: Ends) -> bool:
    while not ends(node):
        before = list(operands(node))
        if kind(node) not in VIEWS or len(before) != 1:
            return False
        node = before[0]
    return True


def _two(node: Any) -> tuple[Any, Any]:
    """The first two operands, None for constants."""
    first, second, *_ = *(before for before, _ in node.next_functions), None, None
    return first, second
