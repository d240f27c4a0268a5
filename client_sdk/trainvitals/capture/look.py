"""The operator `trainvitals::look`: one opaque node of a compiled graph, that calls a hook while the graph runs.

It keeps a graph whole (`fullgraph=True`), takes any shape, and the hook behind it may do what it does in eager mode. A
hook is named by a tensor that holds its number: a number in the graph would compile each of many equal blocks anew.
"""

from itertools import count
from types import CodeType
from typing import Any, Protocol
from weakref import WeakSet, WeakValueDictionary

import torch


class Looker(Protocol):
    """What stands behind a mark."""

    def arrive(self, seen: list[Any], gradients: bool) -> None:
        """`seen` were detached in the graph; `gradients`: whether they were on around it."""


_lookers: "WeakValueDictionary[int, Looker]" = WeakValueDictionary()
_numbers = count(1)
looking: "WeakSet[CodeType]" = WeakSet()
"""The code that was compiled with looks in it, functions around models too."""
_order = torch.zeros((), dtype=torch.int64, device="cpu")
"""Each look claims to change it: so none is left out as useless, and they stay in order."""

_library = torch.library.Library("trainvitals", "FRAGMENT")
_library.define(
    "look(Tensor(a!) order, Tensor mark, Tensor[] seen, bool gradients) -> ()",
    # Without this tag a CUDA graph would replay the kernels and never call the hook again.
    tags=tuple(tag for tag in (getattr(torch.Tag, "cudagraph_unsafe", None),) if tag is not None),
)


def _look(order: Any, mark: Any, seen: list[Any], gradients: bool) -> None:
    looker = _lookers.get(int(mark))
    if looker is not None:
        looker.arrive(seen, gradients)


_library.impl("look", _look, "CompositeExplicitAutograd")
torch.library.register_fake("trainvitals::look", lambda order, mark, seen, gradients: None, lib=_library)


def mark(looker: Looker) -> Any:
    """A tensor that names a hook as long as it lives."""
    number = next(_numbers)
    _lookers[number] = looker
    return torch.tensor(number, dtype=torch.int64, device="cpu")


def look(mark: Any, seen: list[Any]) -> None:
    """Traced: put a look into the graph, where the place allows it."""
    if _allowed():
        torch.ops.trainvitals.look(_order, mark, [tensor.detach() for tensor in seen], torch.is_grad_enabled())


TRANSPARENT = {"tag_activation_checkpoint"}
"""Bodies of higher-order operators that may change a tensor from outside; `cond`, `scan` and their like may not."""


def _allowed() -> bool:
    """Called while a graph is traced: whether it stands outside of `cond`, `vmap`, `grad` and their like."""
    try:
        from torch._dynamo.symbolic_convert import InstructionTranslator

        if torch._C._functorch.peek_interpreter_stack() is not None:
            return False
        graph: Any = InstructionTranslator.current_tx().output
        tracer = graph.current_tracer
        while tracer.parent is not None:
            if tracer.source_target is not None and str(tracer.source_target) not in TRANSPARENT:
                return False
            tracer = tracer.parent
        looking.add(graph.root_tx.f_code)
    except (ImportError, AttributeError):
        return False
    return not torch.compiler.is_exporting()


# What `torch.compiler.assume_constant_result` sets, without its import of a second.
_allowed._dynamo_marked_constant = True  # type: ignore[attr-defined]
