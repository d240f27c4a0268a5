"""The nodes of the graph that autograd keeps: each function that was called, and what it was called with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

NODES_MAX = 20_000
"""Of a larger graph nothing is told."""
OUTPUTS_MAX = 4
PASSING = frozenset(
    {"View", "UnsafeView", "ReshapeAlias", "T", "Transpose", "Permute", "Clone", "ToCopy", "Expand", "Squeeze"}
    | {"Unsqueeze", "Alias", "NativeDropout", "Mul", "Add"}
)
"""Linear where one of their operands is no constant and no bias; two operands that are computed join two paths."""


def parts(output: Any) -> Sequence[Any]:
    """The first few of a model's outputs."""
    if isinstance(output, Mapping):
        output = list(output.values())
    return output[:OUTPUTS_MAX] if isinstance(output, tuple | list) else (output,)


def roots(output: Any) -> list[Any]:
    """Where the graph of a model's output begins."""
    return [part.grad_fn for part in parts(output) if getattr(part, "grad_fn", None) is not None]


def reached(starts: Iterable[Any]) -> tuple[list[Any], Counter[Any]]:
    """Every node of the graph, and how often each one's result is used; of a graph too large more than `NODES_MAX`."""
    used: Counter[Any] = Counter()
    found = dict.fromkeys(starts)
    waiting = list(found)
    while waiting and len(found) <= NODES_MAX:
        for before in operands(waiting.pop()):
            used[before] += 1
            if before not in found:
                found[before] = None
                waiting.append(before)
    return list(found), used


def operands(node: Any) -> Iterator[Any]:
    """The nodes that give what a node takes, constants left out."""
    return (before for before, _ in node.next_functions if before is not None)


def kind(node: Any) -> str:
    """`AddmmBackward0` is `Addmm`."""
    name: str = node.name().rpartition("::")[2]
    return name.rstrip("0123456789").removesuffix("Backward")


def leaf(node: Any) -> Any | None:
    """The leaf tensor that a node gives, transposed or cast as it may be."""
    while kind(node) in PASSING:
        before = list(operands(node))
        if len(before) != 1:
            return None
        node = before[0]
    return getattr(node, "variable", None)
