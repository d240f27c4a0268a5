"""The callables that hang on the user's modules: they copy to nothing, and load where the SDK is not installed."""

import contextlib
from collections.abc import Callable
from typing import Any

import torch

from trainvitals.capture.frames import outside_graphs

_transforms: Callable[[], int | None] = getattr(
    getattr(torch._C, "_functorch", None), "maybe_current_level", lambda: None
)


def tensors_are_plain() -> bool:
    """Whether neither `torch.jit.trace` nor a transform of `torch.func` runs: there a tensor stands for many."""
    return torch._C._get_tracing_state() is None and _transforms() is None


class Hook:
    """A hook that is shallow: `copy.deepcopy` and `pickle` of the module leave a no-op in its place.

    The no-op is a bound method of the standard library that takes any arguments and returns None, so that a model
    saved whole loads without the SDK. In a graph of `torch.compile` the hook is nothing; called by a compiled model
    outside of its graphs it runs as plain Python.
    """

    __slots__ = ("_act",)

    def __init__(self, act: Callable[..., None]) -> None:
        self._act = act

    @outside_graphs
    def __call__(self, *arguments: Any) -> None:
        if not torch.compiler.is_compiling() and tensors_are_plain():
            self._act(*arguments)

    def __deepcopy__(self, memory: Any) -> Any:
        return contextlib.nullcontext().__exit__

    def __reduce__(self) -> Any:
        return getattr, (contextlib.nullcontext(), "__exit__")


class StepHook(Hook):
    """A hook of an optimizer. Torch breaks each graph at a step; where a step is traced, this breaks it once more.

    Otherwise the clock would stand still as soon as somebody compiles `optimizer.step`.
    """

    __slots__ = ()

    @outside_graphs
    def __call__(self, *arguments: Any) -> None:
        if torch.compiler.is_compiling():
            torch._dynamo.graph_break()
        self._act(*arguments)
