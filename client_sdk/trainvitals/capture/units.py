"""Which layers rectify, and the greatest output of each of their units."""

from typing import Any

import torch
from torch import nn

RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish)
CHANNEL_FIRST = ("Conv", "BatchNorm", "GroupNorm", "InstanceNorm", "MaxPool", "AvgPool", "LazyConv", "LazyBatchNorm")
UNIT_DIMENSION = 1


def unit_peaks(output: Any, channel_first: bool) -> tuple[Any, int]:
    """The greatest value of each unit [units], and over how many values; NaN counts as greatest."""
    detached = output.detach()
    if detached.dim() == 0:
        return detached.reshape(1), 1
    unit = UNIT_DIMENSION if channel_first and detached.dim() > 2 else detached.dim() - 1
    others = [dimension for dimension in range(detached.dim()) if dimension != unit]
    peaks = torch.amax(detached, dim=others) if others else detached.clone()
    return peaks, detached.numel() // max(1, detached.shape[unit])


def is_channel_first(type_name: str) -> bool:
    """Whether a layer of this type puts its units into the second dimension."""
    return type_name.startswith(CHANNEL_FIRST)
