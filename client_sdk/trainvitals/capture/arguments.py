"""The arguments of `watch`, checked."""

from collections.abc import Sequence
from typing import Any

from torch import nn


def check(model: Any, log: Any, log_freq: Any, budget: Any) -> None:
    """Raises TypeError or ValueError that says what is allowed."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"watch needs a torch.nn.Module, not {type(model).__name__}")
    if log not in ("all", "gradients", "parameters", "activations", None):
        raise ValueError(f"log={log!r} is not known: 'all', 'gradients', 'parameters', 'activations' or None")
    if log_freq is not None and not (isinstance(log_freq, int) and log_freq >= 1):
        raise ValueError(f"log_freq={log_freq!r} must be a whole number from 1")
    if not 0 <= budget <= 1:
        raise ValueError(f"budget={budget!r} must be a share from 0 to 1")


def several(patterns: Sequence[str] | str) -> tuple[str, ...]:
    """One pattern may stand alone: as a sequence it would fall into letters."""
    return (patterns,) if isinstance(patterns, str) else tuple(patterns)
