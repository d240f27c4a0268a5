"""Frames of our own that Dynamo meets between those of a compiled model."""

from typing import Any, TypeVar

Function = TypeVar("Function", bound=Any)


def outside_graphs(function: Function) -> Function:
    """A function that Dynamo inlines into graphs, but never compiles as a frame of its own.

    The hooks of a compiled model's root are called between the wrapper and the graph: they run as plain Python.
    """
    try:
        from torch._C._dynamo.eval_frame import _FrameAction, _FrameExecStrategy, set_code_exec_strategy

        set_code_exec_strategy(function.__code__, _FrameExecStrategy(_FrameAction.SKIP, _FrameAction.SKIP))
    except (ImportError, AttributeError, TypeError):
        pass
    return function
