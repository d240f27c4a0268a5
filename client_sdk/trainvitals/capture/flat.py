"""Any dense tensor as one flat row without a copy, and which tensors can be sampled at all."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch

OUTPUT_DEPTH_MAX = 4
REAL = frozenset((torch.float32, torch.float64, torch.float16, torch.bfloat16))
"""The types that are read as numbers; those of 8 bits hold theirs by a scale that lies elsewhere."""
PLAIN = (torch.Tensor, torch.nn.Parameter)
"""Types that are no shards of something larger."""


def flat_view(tensor: Any) -> Any | None:
    """All elements in the order of memory; None where gaps or overlaps leave no such view.

    `reshape` would copy a transposed or channels-last tensor of many megabytes.
    """
    detached = tensor.detach()
    if detached.is_contiguous():
        return detached.view(-1)
    expected = 1
    for stride, size in sorted(zip(detached.stride(), detached.shape, strict=True)):
        if size == 1:
            continue
        if stride != expected:
            return None
        expected *= size
    return detached.as_strided((detached.numel(),), (1,))


def numeric(tensor: Any) -> bool:
    """Whether a tensor has real numbers in memory: not sparse, meta, complex, integer, quantised or of 8 bits."""
    return bool(tensor.dtype in REAL and tensor.layout is torch.strided and not tensor.is_meta)


def sampleable(tensor: Any) -> bool:
    """Whether a tensor is numeric and not empty."""
    return numeric(tensor) and tensor.numel() > 0


def local(tensor: Any) -> Any:
    """The part of a sharded tensor that lies here."""
    return tensor if type(tensor) in PLAIN else getattr(tensor, "_local_tensor", tensor)


def first_floating(output: Any, depth: int = 0, accepts: Callable[[Any], bool] = sampleable) -> Any | None:
    """The first tensor of a module's output that can be sampled.

    Tuples, lists, mappings and dataclasses are searched in order, up to a depth of 4.
    """
    if isinstance(output, torch.Tensor):
        tensor = local(output)
        return tensor if accepts(tensor) else None
    if depth >= OUTPUT_DEPTH_MAX:
        return None
    if isinstance(output, Mapping):
        output = list(output.values())
    elif is_dataclass(output):
        output = [getattr(output, field.name, None) for field in fields(output)]
    if isinstance(output, tuple | list):
        for item in output:
            found = first_floating(item, depth + 1, accepts)
            if found is not None:
                return found
    return None
