"""Where in a tensor the first element lies that is not finite."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


def locate(tensor: Any) -> Any:
    """How many elements are not finite, the place of the first in the order of rows, and that element: float64 [3].

    No wait, and some five passes: for the few tensors that are known or feared to have one.
    """
    flat = tensor.detach().reshape(-1)
    bad = torch.isfinite(flat).logical_not_()
    first = bad.to(torch.uint8).argmax()
    value = flat.index_select(0, first.reshape(1)).reshape(())
    wide = torch.float32 if tensor.device.type == "mps" else torch.float64
    return torch.stack([part.to(wide) for part in (bad.sum(), first, value)])


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a tensor of `shape`; `value` is nan, inf or -inf, `count` how many elements are not finite."""

    index: tuple[int, ...]
    value: float
    count: int
    shape: tuple[int, ...]

    @classmethod
    def read(cls, found: Any, shape: tuple[int, ...]) -> "Location | None":
        """What `locate` found; None where every element is finite. Waits for the device."""
        count, first, value = found.tolist()
        if not count:
            return None
        index = tuple(int(place) for place in np.unravel_index(int(first), shape)) if shape else ()
        return cls(index, value, int(count), shape)

    def details(self) -> dict[str, Any]:
        """As the fact tells it; JSON has no NaN."""
        value = "nan" if math.isnan(self.value) else ("inf" if self.value > 0 else "-inf")
        return {"index": list(self.index), "value": value, "count": self.count, "shape": list(self.shape)}
