"""A logged value as a number: at once where it is at hand, later where a device still computes it."""

import sys
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
        return _of_tensor(value)
    if isinstance(value, bool | int | float | np.generic):
        return _plain(value)
    if isinstance(value, np.ndarray) and value.size == 1:
        return _plain(value.reshape(())[()])
    return _plain(value) if hasattr(value, "__float__") and not isinstance(value, str | np.ndarray) else None


def at_hand(value: Number) -> float | None:
    """The number, where nothing computes it any more; else None."""
    return value if isinstance(value, float) else None


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
        # The base's: it passes by what overrides the methods of tensors, and takes 0.2 us.
        return float(torch._C.TensorBase.item(value))
    except (AttributeError, RuntimeError):
        # Inside of `vmap` and the like no tensor has a number.
        return None


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
