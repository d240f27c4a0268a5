"""A look at the whole of a layer's output: its greatest value, the peak of each unit, the saturated share of each."""

from enum import Enum
from typing import Any, NamedTuple

import torch

from trainvitals.capture.units import (
    LINEAR,
    NEVER_NEGATIVE,
    RECTIFIERS,
    saturated_shares,
    saturation_of,
    unit_peaks,
)


class Survey(NamedTuple):
    """Numbers that a device may still be computing.

    `least`, `greatest` of all elements; None where nothing is below zero, and where the greatest of the peaks tells.
    `peaks`, `saturated` [units], each over `values` elements.
    """

    least: Any = None
    greatest: Any = None
    peaks: Any = None
    saturated: Any = None
    values: int = 0

    def tensors(self) -> list[Any]:
        """What has to travel."""
        return [tensor for tensor in self[:4] if tensor is not None]

    def replaced(self, tensors: list[Any]) -> "Survey":
        """The same with other tensors in the order of `tensors`."""
        remaining = iter(tensors)
        least, greatest, peaks, saturated = (None if part is None else next(remaining) for part in self[:4])
        return Survey(least, greatest, peaks, saturated, self.values)

    def finite(self) -> bool:
        """Whether all elements are; waits for the device."""
        return all(all_finite(end) for end in (self.least, self.greatest, self.peaks) if end is not None)


def all_finite(tensor: Any) -> bool:
    """Whether all elements are; waits for the device. Its sum is asked first: less itself it is 0 or NaN."""
    total = tensor.sum() if tensor.dim() else tensor
    return not torch.is_nonzero(total - total) or torch.is_nonzero(torch.isfinite(tensor).all())


class Kind(Enum):
    """What is worth knowing of the units of a layer."""

    RECTIFIER = "rectifier"
    LINEAR = "linear"
    SQUASHING = "squashing"
    OTHER = "other"

    @classmethod
    def of(cls, module: Any) -> "Kind":
        if isinstance(module, RECTIFIERS):
            return cls.RECTIFIER
        if isinstance(module, LINEAR):
            return cls.LINEAR
        return cls.SQUASHING if saturation_of(module) is not None else cls.OTHER


class Surveyor:
    """Looks at the whole outputs of one layer."""

    def __init__(self, module: Any) -> None:
        self.kind = Kind.of(module)
        self._has_peaks = self.kind in (Kind.RECTIFIER, Kind.LINEAR)
        self._never_negative = isinstance(module, NEVER_NEGATIVE)
        self._saturation = saturation_of(module)

    def survey(self, output: Any, channel_first: bool, *, units: bool) -> Survey:
        """One or two passes over the output and no wait; without `units` the least and greatest value alone."""
        output = output.detach()
        if units and self._has_peaks:
            peaks, values = unit_peaks(output, channel_first)
            return Survey(None if self._never_negative else torch.amin(output), None, peaks, None, values)
        least, greatest = torch.aminmax(output)
        if not units or self._saturation is None:
            return Survey(least, greatest)
        shares, values = saturated_shares(output, channel_first, *self._saturation)
        return Survey(least, greatest, None, shares, values)
