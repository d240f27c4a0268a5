"""The graphs that Dynamo keeps of a watched model: dropped where they do not fit the watch, and room for both kinds."""

import sys
from types import CodeType, FrameType
from typing import Any

import torch

from trainvitals.capture.layers import unwrapped
from trainvitals.capture.look import looking


def forget_graphs(model: Any) -> bool:
    """Drop the graphs that Dynamo keeps of a model's own code and its parts'; whether there were any.

    Dynamo keeps graphs by code, so that other models of the same classes are compiled again too. A graph of a function
    around the model is found if there are looks in it.
    """
    if "torch._dynamo" not in sys.modules:
        return False
    try:
        from torch._dynamo.eval_frame import _debug_get_cache_entry_list, remove_from_cache
    except ImportError:
        return False
    kept = [code for code in _codes(model) if _debug_get_cache_entry_list(code)]
    if _run_now(kept):
        return False
    for code in kept:
        remove_from_cache(code)
    return bool(kept)


class Room:
    """Room for two graphs where the user has one: else Dynamo would give up early, and raise with `fullgraph=True`."""

    _takers = 0

    def __init__(self) -> None:
        self._taken = False

    def take(self) -> None:
        """From now on, with whoever else has taken it."""
        self._taken = True
        Room._takers += 1
        if Room._takers == 1:
            torch._dynamo.config.recompile_limit *= 2

    def give_back(self) -> None:
        """Where it was taken."""
        if self._taken:
            self._taken = False
            Room._takers -= 1
            if Room._takers == 0:
                torch._dynamo.config.recompile_limit //= 2


def _run_now(codes: list[CodeType]) -> bool:
    """Whether a thread is inside one of them: a signal's handler ends the run wherever the training is."""
    names = {(code.co_filename, code.co_name) for code in codes}
    for frame in sys._current_frames().values():
        caller: FrameType | None = frame
        while caller is not None:
            if (caller.f_code.co_filename, caller.f_code.co_name) in names:
                return True
            caller = caller.f_back
    return False


def _codes(model: Any) -> set[CodeType]:
    wrapper = getattr(getattr(model, "forward", None), "_torchdynamo_orig_callable", None)
    functions = [wrapper, *(getattr(module, "forward", None) for module in unwrapped(model).modules())]
    codes = (getattr(getattr(function, "__func__", function), "__code__", None) for function in functions)
    return {code for code in codes if isinstance(code, CodeType)} | set(looking) | _shared()


def _shared() -> set[CodeType]:
    """The one code under which Dynamo keeps graphs of all models whose `forward` is torch's own, as `nn.Sequential`."""
    try:
        from torch._dynamo.external_utils import wrap_inline
    except ImportError:
        return set()
    return {wrap_inline(_shared).__code__}
