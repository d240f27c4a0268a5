"""Sparse gradients, seen as the dense ones they stand for."""

from typing import Any

import torch


def coalesced(gradient: Any) -> Any | None:
    """A sparse gradient of embedding rows with each row once; None for other layouts."""
    sparse = gradient.layout == torch.sparse_coo and gradient.is_floating_point()
    if not sparse or gradient.sparse_dim() != 1 or gradient.numel() == 0:
        return None
    return gradient.detach().coalesce()


def elements(gradient: Any, places: Any) -> Any:
    """The elements [k] at flat places [k] of a coalesced gradient; 0 where it holds nothing."""
    values = gradient.values().reshape(gradient.values().shape[0], -1)
    if not len(values):
        return torch.zeros(len(places), dtype=values.dtype, device=values.device)
    held = gradient.indices()[0]
    rows, columns = places // values.shape[1], places % values.shape[1]
    at = torch.searchsorted(held, rows).clamp_(max=len(held) - 1)
    return torch.where(held[at] == rows, values[at, columns], 0)
