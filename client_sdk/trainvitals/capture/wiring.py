"""Which layers follow each other with nothing between, read once from the graph of the model's output.

The graph that autograd keeps knows each function that was called, module or not; modules know only each other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction

from trainvitals.capture.layers import WatchedParameter
from trainvitals.capture.nodes import NODES_MAX, PASSING, kind, leaf, operands, reached, roots
from trainvitals.capture.repeats import SQUASHING, repeats

MAPS = frozenset({"Addmm", "Mm", "Bmm", "Linear", "Convolution", "MkldnnConvolution", "Addmv", "Mv", "Matmul"})
MASK_LOOKED_AT = 256
"""Elements of a mask that show whether it is that of a dropout."""
POOLING = frozenset({"AvgPool2D", "AvgPool3D"})
"""Average over windows, which is linear; that of one axis is one of two."""
LINEAR = POOLING | frozenset(
    {"AdaptiveAvgPool2D", "AdaptiveAvgPool3D", "Mean", "ConstantPadNd", "PixelShuffle"}
    | {"UpsampleNearest1D", "UpsampleNearest2D", "UpsampleNearest3D"}
    | {"UpsampleLinear1D", "UpsampleBilinear2D", "UpsampleTrilinear3D"}
)
"""Linear as well, but two layers around them may be meant, as around the mean of a set (Zaheer et al. 2017) or the
upsampling before the last layer (Lim et al. 2017): they are no pair, and make no network more than linear."""
JOINS = frozenset({"Add", "Cat", "Lerp", "Addcmul"})
"""What a residual connection and a dense one end in (He et al. 2016; Huang et al. 2017), with a gate or without."""
TABLES_MAX = 4
"""Functions between a table that is looked up and the sum of several (of tokens, places, segments)."""


def wiring(output: Any, parameters: Sequence[WatchedParameter]) -> dict[str, Any] | None:
    """`pairs` of weights whose layers follow each other without a function between them that is not linear,
    `linear`: whether no function of the whole graph is, `linear_but_sums`: the same where sums with a constant count as
    linear, though that may be made of the input, `joins`: where paths meet by a sum or side by side,
    `squashed`: the function that squashes what the layer of a weight gives, `repeated`: how often a weight is applied
    in a chain, and `repeated_squashed`: by which function alone what comes of it is squashed before it goes back in;
    None where there is no graph, or too large a one.
    """
    names = {id(parameter.tensor): parameter.name for parameter in parameters}
    nodes, used = reached(roots(output))
    if not nodes or len(nodes) > NODES_MAX:
        return None
    applied = {node: weight for node in nodes if (weight := _weight(node, names)) is not None}
    pairs = [pair for node in applied if (pair := _pair(node, applied, used)) is not None]
    joins = sum(map(_may_join, nodes))
    squashed = dict(found for node in nodes if (found := _squashed(node, applied)) is not None)
    bent = [node for node in nodes if not _is_linear(node)]
    repeated, state = repeats(nodes, used, applied)
    return {
        "pairs": sorted(set(pairs)),
        "linear": not bent,
        "linear_but_sums": all(kind(node) == "Add" for node in bent),
        "joins": joins,
        "squashed": squashed,
        "repeated": repeated,
        "repeated_squashed": state,
    }


def _pair(node: Any, applied: Mapping[Any, str], used: Counter[Any]) -> tuple[str, str] | None:
    """The weights of a linear layer and of the one whose output is all that goes into it, and goes nowhere else."""
    own = applied[node]
    inputs = [before for before in operands(node) if leaf(before) is None]
    while len(inputs) == 1:
        (before,) = inputs
        if used[before] != 1:
            return None
        if (other := applied.get(before)) is not None:
            return (other, own) if other != own else None
        if not _passes(before) and kind(before) not in POOLING:
            return None
        inputs = [further for further in operands(before) if not _is_bias(further)]
    return None


def _may_join(node: Any) -> bool:
    """Whether two paths meet here, or may meet within a function of one's own, as in a checkpoint of a whole block.

    A sum of tables, as of tokens and places, skips no layer.
    """
    if isinstance(node, BackwardCFunction):
        return True
    return kind(node) in JOINS and _computed(node) > 1 and not _looked_up(node, TABLES_MAX)


def _looked_up(node: Any, depth: int) -> bool:
    """Whether a node gives rows of tables, or a sum of such, and nothing else."""
    if kind(node) == "Embedding":
        return True
    computed = [before for before in operands(node) if leaf(before) is None]
    if not depth or not computed or kind(node) not in PASSING:
        return False
    return all(_looked_up(before, depth - 1) for before in computed)


def _squashed(node: Any, applied: Mapping[Any, str]) -> tuple[str, str] | None:
    """The weight of the linear layer whose output alone is squashed, and by which function."""
    if kind(node) not in SQUASHING:
        return None
    inputs = list(operands(node))
    while len(inputs) == 1:
        (before,) = inputs
        if (weight := applied.get(before)) is not None:
            return weight, kind(node)
        if not _passes(before):
            return None
        inputs = [further for further in operands(before) if not _is_bias(further)]
    return None


def _is_linear(node: Any) -> bool:
    if kind(node) in MAPS:
        return _computed(node) <= 1
    return _passes(node) or kind(node) in LINEAR or hasattr(node, "variable")


def _computed(node: Any) -> int:
    """How many of its operands are no leaf."""
    return sum(leaf(before) is None for before in operands(node))


def _passes(node: Any) -> bool:
    """Whether a node is linear in the one operand that is computed.

    What the graph takes for a constant may be made of the input: a rectifier's mask, or what a straight-through
    estimator adds (Bengio et al. 2013). Only a number, a parameter and the mask of a dropout are known for none.
    """
    name, computed = kind(node), [before for before in operands(node) if leaf(before) is None]
    if name == "Add":
        return len(computed) != 1 or len(list(operands(node))) > 1
    if name == "Mul":
        return len(computed) <= 1 and (len(list(operands(node))) > 1 or _is_number_or_dropout(node))
    if name == "Div":
        # By a number, as in a mean that is taken by hand: what is divided by a tensor may be divided by its own size.
        divisor = getattr(node, "_saved_other", None)
        return len(list(operands(node))) == 1 and not (isinstance(divisor, torch.Tensor) and divisor.dim())
    return name in PASSING


def _is_number_or_dropout(node: Any) -> bool:
    """Dropout, where it is not a node of its own, multiplies by 0 and one number above 1."""
    held = [getattr(node, name, None) for name in ("_saved_self", "_saved_other")]
    (factor,) = [tensor for tensor in held if tensor is not None] or (None,)
    if not isinstance(factor, torch.Tensor) or factor.dim() == 0:
        return True
    if factor.device.type != "cpu" or not factor.is_floating_point():
        return False
    kept = {value for value in factor.flatten()[:MASK_LOOKED_AT].tolist() if value != 0}
    return len(kept) == 1 and kept.pop() > 1


def _weight(node: Any, names: Mapping[int, str]) -> str | None:
    """The name of the one weight matrix that a linear map multiplies by."""
    if kind(node) not in MAPS:
        return None
    found = [parameter for before in operands(node) if (parameter := leaf(before)) is not None]
    matrices = [names[id(parameter)] for parameter in found if parameter.dim() > 1 and id(parameter) in names]
    return matrices[0] if len(matrices) == 1 else None


def _is_bias(node: Any) -> bool:
    parameter = leaf(node)
    return parameter is not None and parameter.dim() == 1
