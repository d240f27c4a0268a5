"""The exact norms of gradients, all at once."""

from typing import Any

import torch


def norms(gradients: list[Any]) -> Any:
    """The L2 norm of each gradient, float32 [n]; half precision is summed in float32, where squares fit."""
    device = gradients[0].device
    if all(gradient.dtype is torch.float32 and gradient.device == device for gradient in gradients):
        return torch.stack(torch._foreach_norm(_constant(gradients)))
    found: list[Any] = [None] * len(gradients)
    groups: dict[tuple[Any, Any], list[int]] = {}
    for place, gradient in enumerate(gradients):
        groups.setdefault((gradient.device, gradient.dtype), []).append(place)
    for (_, dtype), places in groups.items():
        wide = torch.float32 if dtype in (torch.float16, torch.bfloat16) else None
        group = torch._foreach_norm(_constant([gradients[place] for place in places]), 2, dtype=wide)
        for place, norm in zip(places, group, strict=True):
            found[place] = norm
    return torch.stack([norm.to(device=device, dtype=torch.float32, non_blocking=True) for norm in found])


def _constant(tensors: list[Any]) -> list[Any]:
    return [tensor.detach() if tensor.requires_grad else tensor for tensor in tensors]
