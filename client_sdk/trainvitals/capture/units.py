"""Which layers rectify or saturate, and what each of their units shows over a whole output."""

import math
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish)
NEVER_NEGATIVE = (nn.ReLU, nn.ReLU6)
LINEAR = (nn.Linear, nn.Bilinear, _ConvNd, _NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
"""Layers whose output a functional rectifier may get."""
CHANNEL_FIRST = ("Conv", "BatchNorm", "GroupNorm", "InstanceNorm", "MaxPool", "AvgPool", "LazyConv", "LazyBatchNorm")
UNIT_DIMENSION = 1
WIDE_ROW, ROWS_AT_ONCE = 512, 16
"""Rows this wide are reduced so many at a time: twice as fast, because the running maximum stays in the cache."""
TANH_LIMIT = math.tanh(2.5)
SIGMOID_LIMIT = 1 / (1 + math.exp(-5))


def saturation_of(module: Any) -> tuple[float, float] | None:
    """The middle of a squashing layer's range and how far from there saturation begins; None for other layers.

    Thresholds on the pre-activation: 2.5 for tanh (derivative 0.027), 5 for the sigmoid (derivative 0.0066); of the
    hard ones the flat ends.
    """
    if isinstance(module, nn.Tanh) or (isinstance(module, nn.RNN) and module.nonlinearity == "tanh"):
        return 0.0, TANH_LIMIT
    if isinstance(module, nn.Sigmoid):
        return 0.5, SIGMOID_LIMIT - 0.5
    if type(module) is nn.Hardtanh:
        half = (module.max_val - module.min_val) / 2
        return (module.max_val + module.min_val) / 2, math.nextafter(half * (1 - 1e-6), 0.0)
    return (0.5, 0.5 - 1e-6) if isinstance(module, nn.Hardsigmoid) else None


def unit_peaks(output: Any, channel_first: bool) -> tuple[Any, int]:
    """The greatest value of each unit [units], and over how many values; NaN counts as greatest."""
    if output.dim() == 0:
        return output.reshape(1), 1
    unit = _unit(output, channel_first)
    units = output.shape[unit]
    values = output.numel() // max(1, units)
    if not output.is_contiguous():
        others = [dimension for dimension in range(output.dim()) if dimension != unit]
        return (torch.amax(output, dim=others) if others else output.clone()), values
    if unit == UNIT_DIMENSION and output.dim() > 2:
        return output.flatten(2).amax(2).amax(0), values
    rows = output.view(-1, units)
    if units >= WIDE_ROW and len(rows) % ROWS_AT_ONCE == 0:
        return rows.view(-1, ROWS_AT_ONCE, units).amax(1).amax(0), values
    return rows.amax(0), values


def saturated_shares(output: Any, channel_first: bool, centre: float, limit: float) -> tuple[Any, int]:
    """The share of each unit's values further than `limit` from `centre` [units], and of how many values."""
    if output.dim() == 0:
        output = output.reshape(1)
    beyond = (output - centre).abs_().gt_(limit)
    unit = _unit(output, channel_first)
    others = [dimension for dimension in range(output.dim()) if dimension != unit]
    shares = beyond.float().mean(dim=others) if others else beyond.float()
    return shares, output.numel() // max(1, output.shape[unit])


def is_channel_first(type_name: str) -> bool:
    """Whether a layer of this type puts its units into the second dimension."""
    return type_name.startswith(CHANNEL_FIRST)


def _unit(output: Any, channel_first: bool) -> int:
    return UNIT_DIMENSION if channel_first and output.dim() > 2 else output.dim() - 1
