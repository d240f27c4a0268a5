"""A logged value as a number: at once where it is at hand, later where a device still computes it."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

from trainvitals.collector import Number


def number(value: Any) -> Number | None:
    """The number that `value` is, or will be; None where it is none.

    A tensor on the host is read at once; one on an accelerator is copied to pinned memory without waiting, and read by
    the sender.
    """
    if type(value) is float:
        return value
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        at_hand = all_at_hand((value,))
        return _of_tensor(value) if at_hand is None else at_hand[0]
    if isinstance(value, bool | int | float | np.generic):
        return _plain(value)
    if isinstance(value, np.ndarray) and value.size == 1:
        return _plain(value.reshape(())[()])
    return _plain(value) if hasattr(value, "__float__") and not isinstance(value, str | np.ndarray) else None


def all_at_hand(values: Iterable[Any]) -> list[float] | None:
    """All of them, where each is a float or a tensor on the host; else None, and each is for `number`."""
    torch = sys.modules.get("torch")
    tensor, item = (None, float) if torch is None else _of_torch(torch)
    found: list[float] = []
    for value in values:
        kind = type(value)
        if kind is float:
            found.append(value)
            continue
        if kind is not int and (kind is not tensor or not value.is_cpu):
            return None
        try:
            found.append(float(value if kind is int else item(value)))
        except (OverflowError, RuntimeError, TypeError):
            # No number of its own, as inside of `vmap`; or more than one.
            return None
    return found


def _plain(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _of_tensor(value: Any) -> Number | None:
    if value.numel() != 1 or value.dtype.is_complex or value.is_meta:
        return None
    found = _on_host(value)
    return PendingNumber(value.detach()) if found is None else found


def _on_host(value: Any) -> float | None:
    """The number without a wait or a copy; None where there would be one."""
    torch = sys.modules["torch"]
    if not value.is_cpu or type(value) not in (torch.Tensor, torch.nn.Parameter):
        return None
    try:
        return float(_of_torch(torch)[1](value))
    except RuntimeError:
        # Inside of `vmap` and the like no tensor has a number.
        return None


@cache
def _of_torch(torch: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The type of plain tensors, and what reads one of a single element in 0.2 us."""
    # The base's method passes by what overrides those of tensors; another torch may have it elsewhere.
    return torch.Tensor, getattr(getattr(torch._C, "TensorBase", None), "item", torch.Tensor.item)


class PendingNumber:
    """One element of a tensor as it was when it was logged; `float()` waits for the device."""

    __slots__ = ("_event", "_host")

    def __init__(self, value: Any) -> None:
        self._event: Any = None
        if value.is_cuda:
            torch = sys.modules["torch"]
            self._host = torch.empty((), dtype=value.dtype, device="cpu", pin_memory=True)
            self._host.copy_(value.reshape(()), non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(value.device))
        else:
            self._host = value.clone()

    def __float__(self) -> float:
        if self._event is not None:
            self._event.synchronize()
        return float(self._host)
