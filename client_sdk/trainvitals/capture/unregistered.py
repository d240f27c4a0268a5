"""Parameters that the model does not know: they get gradients, and no optimizer ever moves them.

A layer in a plain list is called like any other; `model.parameters()` does not find it. A frozen teacher gets no
gradient, and what another optimizer owns, or a moving average, moves: neither is told.
"""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import ref

from torch import nn

from trainvitals.capture.arrival import depart
from trainvitals.capture.attributes import held
from trainvitals.capture.flat import flat_view, sampleable
from trainvitals.capture.gradients import norms
from trainvitals.capture.nodes import NODES_MAX, kind, leaf, parts, reached, roots
from trainvitals.capture.optimizer import OptimizerFacts
from trainvitals.collector import Collector
from trainvitals_wire.records import Fact

OUTPUTS_MAX = 4
"""Outputs in whose graphs they are looked for."""
LOOKS_MIN = 10
"""Looks at which they must stand still: a critic's generator moves each fifth step (Arjovsky et al. 2017)."""
VALUES_KEPT = 64
"""Elements of each that are compared: what is written through `.data` leaves no other trace."""
NAMES_MAX = 256
WEIGHTS = {"Addmm": (0, 2), "Linear": (1, 2), "Convolution": (1, 2), "Mm": (1,), "Bmm": (1,), "Matmul": (1,)}
"""Places of weight and bias among the operands of a linear map."""
BY_ELEMENTS = frozenset({"Add", "Sub", "Mul", "Div"})


@dataclass(slots=True)
class Stray:
    """One parameter, by a weak reference, as it was when it was first seen at work."""

    attribute: str
    name: str
    tensor: Callable[[], Any]
    module: Callable[[], Any]
    used: bool = False
    version: int = 0
    values: Any = None

    @property
    def bare(self) -> bool:
        """A tensor that says nowhere that it is a parameter."""
        return not isinstance(self.tensor(), nn.Parameter)

    @property
    def evaluates(self) -> bool:
        """Whether its layer was put to rest."""
        module = self.module()
        return module is not None and not module.training


class Unregistered:
    """`model_is`, `seen` and `look` run on the training thread and cost nothing where there is no stray."""

    def __init__(self, collector: Collector, submit: Callable[[Callable[[], None]], None], owner: str | None) -> None:
        self._collector, self._submit, self._owner = collector, submit, owner
        self._optimizer: Any = None
        self._strays: list[Stray] = []
        self._outputs = self._looks = 0
        self._told: list[str] = []

    def model_is(self, root: Any, optimizer: Any) -> None:
        """Find what the model holds and neither registers nor gives to its optimizer; nothing without one."""
        self._optimizer, self._strays = optimizer, []
        self._outputs = self._looks = 0
        if optimizer is not None:
            self._strays = list(_strays(root, OptimizerFacts.members(optimizer)))

    def seen(self, output: Any) -> None:
        """Look for them in the graph of the model's output: only there they are layers of it."""
        if not self._strays or self._outputs >= OUTPUTS_MAX:
            return
        self._outputs += 1
        nodes, _ = reached(roots(output))
        if len(nodes) > NODES_MAX:
            return
        there = {id(node.variable) for node in nodes if hasattr(node, "variable")}
        batches = {len(part) for part in parts(output) if getattr(part, "ndim", 0)}
        for stray in self._strays:
            tensor = stray.tensor()
            if not stray.used and id(tensor) in there and (not stray.bare or _is_weight(tensor, nodes, batches)):
                stray.used, stray.version = True, tensor._version
                stray.values = _values(tensor)

    def look(self, step: int, *, deep: bool) -> None:
        """The optimizer has moved: which got a gradient and stand still. Later looks see whether they still do."""
        if not (self._told or any(stray.used for stray in self._strays)):
            return
        self._looks += 1
        if self._looks != LOOKS_MIN and not (deep and self._looks > LOOKS_MIN):
            return
        owned = OptimizerFacts.members(self._optimizer)
        self._strays = [stray for stray in self._strays if _stands_still(stray, owned)]
        found = [stray for stray in self._strays if stray.used and _has_gradient(stray.tensor())]
        if not found:
            self._tell(step, [])
            return
        names = [(stray.tensor, stray.attribute, stray.name) for stray in found]
        moves = norms([_values(stray.tensor()) - stray.values for stray in found])
        arrive = depart([norms([stray.tensor().grad for stray in found]), moves])

        def tell() -> None:
            gradients, moved = (norm.tolist() for norm in arrive())
            seen = zip(names, gradients, moved, strict=True)
            still = [(tensor(), *name) for (tensor, *name), gradient, move in seen if gradient > 0 and move == 0]
            still = [one for one in still if one[0] is not None]
            if [name for _, _, name in still] == self._told:
                return
            owned = _owned([tensor for tensor, _, _ in still])
            self._tell(step, [(attribute, name) for tensor, attribute, name in still if id(tensor) not in owned])

        self._submit(tell)

    def _tell(self, step: int, found: list[tuple[str, str]]) -> None:
        names = [name for _, name in found]
        if names == self._told:
            return
        self._told = names
        attributes = list(dict.fromkeys(attribute for attribute, _ in found))
        details = {
            "parameters": names[:NAMES_MAX],
            "parameters_count": len(names),
            "attributes": attributes[:NAMES_MAX],
        }
        fact: Fact = {"kind": "unregistered", "step": step, "details": details}
        if self._owner is not None:
            fact["owner"] = self._owner
        self._collector.fact(fact)


def _strays(root: Any, owned: set[int]) -> Iterator[Stray]:
    known = owned | {id(tensor) for tensor in root.parameters()}
    for one in held(root):
        if id(one.tensor) not in known and sampleable(one.tensor) and flat_view(one.tensor) is not None:
            known.add(id(one.tensor))
            module = (lambda: None) if one.module is None else ref(one.module)
            yield Stray(one.attribute, one.name, ref(one.tensor), module)


def _stands_still(stray: Stray, owned: set[int]) -> bool:
    """Whether nobody has written to it, nobody has frozen it and nobody has taken it in."""
    tensor = stray.tensor()
    if tensor is None or not tensor.requires_grad or id(tensor) in owned or stray.evaluates:
        return False
    return not stray.used or bool(tensor._version == stray.version)


def _owned(tensors: list[Any]) -> set[int]:
    """The ids of those that some optimizer holds: one may step rarely, or wait for its stage.

    Nobody lists optimizers, so the lists that hold a tensor are looked up, and which of them is a group's. Never all
    objects there are: a reference to a tuple that another thread is still filling breaks it there. Two passes of the
    collector, once, where otherwise a warning would be due.
    """
    lists = [holder for holder in gc.get_referrers(*tensors) if type(holder) is list]
    groups = [holder for holder in gc.get_referrers(*lists) if type(holder) is dict]
    known = {id(holder) for holder in lists}
    return {id(tensor) for group in groups if id(group.get("params")) in known for tensor in group["params"]}


def _has_gradient(tensor: Any) -> bool:
    return tensor.grad is not None and sampleable(tensor.grad)


def _values(tensor: Any) -> Any:
    flat: Any = flat_view(tensor)
    return flat[:: max(1, len(flat) // VALUES_KEPT)].clone()


def _is_weight(tensor: Any, nodes: Iterable[Any], batches: Collection[int]) -> bool:
    """Whether a bare tensor does a parameter's work, unlike points that an equation is differentiated at."""
    return any(_weighs(tensor, node, batches) for node in nodes)


def _weighs(tensor: Any, node: Any, batches: Collection[int]) -> bool:
    """It is the weight or the bias of a linear map, or scales or shifts what is computed, the same for all samples."""
    name, before = kind(node), [operand for operand, _ in node.next_functions]
    places = [place for place, operand in enumerate(before) if operand is not None and leaf(operand) is tensor]
    if not places:
        return False
    if name not in BY_ELEMENTS:
        return places[0] in WEIGHTS.get(name, ())
    computed = any(operand is not None and leaf(operand) is None for operand in before)
    return computed and (tensor.dim() == 0 or len(tensor) not in batches)
