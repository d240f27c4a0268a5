"""Bounded copies of the tensors of a batch: some rows, some columns, at positions fixed for each shape."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainvitals.capture.positions import positions

ROWS_MAX = 256
"""Samples of a batch that are looked at."""
ROWS_MIN = 4
ELEMENTS_MAX = 2**18
"""Elements of whole rows that are copied: 1 MiB, some 60 us; four rows are, however long."""
COLUMNS_MAX = 2**18
"""Rows longer than this are not copied whole."""
ROWS_APART, ELEMENTS_APART = 64, 2**15
"""Single elements of long rows lie on cache lines of their own, each of which costs some 30 ns."""


@dataclass(slots=True)
class Rows:
    """A matrix [rows, columns] out of a tensor, in memory of its own; `columns` are its positions in a whole row.

    `shape` is that of the tensor, `width` the length of a whole row. `values` is a tensor until it `arrived`.
    """

    values: Any
    shape: tuple[int, ...]
    dtype: str
    width: int
    columns: NDArray[np.int64] | None = None

    @property
    def whole(self) -> bool:
        """Whether each row is there from end to end."""
        return self.columns is None

    def array(self, host: Any) -> NDArray[Any]:
        """The copied values on the host: integers as int64, all others as float64."""
        wide = host.double() if host.is_floating_point() else host.long()
        array: NDArray[Any] = wide.numpy()
        return array


def copyable(tensor: Any) -> bool:
    """Whether a tensor has real numbers in memory; integers and truth values are."""
    return bool(
        isinstance(tensor, torch.Tensor)
        and tensor.layout == torch.strided
        and not tensor.is_quantized
        and not tensor.is_complex()
        and tensor.device.type != "meta"
        and tensor.numel() > 0
    )


def rows_of(tensor: Any, axis: int | None = None, *, apart: bool = False) -> Rows:
    """The samples of a batch, flattened; with `axis`, each vector along that axis is a row.

    `apart`: columns far apart say as much as whole rows do, so that long rows are sampled.
    """
    detached = tensor.detach()
    if detached.dim() == 0:
        detached = detached.reshape(1)
    view = detached if axis is None else detached.movedim(axis, -1)
    leading = 1 if axis is None else view.dim() - 1
    count, width = math.prod(view.shape[:leading]), math.prod(view.shape[leading:])
    rows, columns = _extent(count, width, apart)
    places = None if columns == width else positions(width, columns)
    if rows == count and places is None:
        values = view.clone(memory_format=torch.contiguous_format).reshape(count, width)
    else:
        values = view[_index(tuple(view.shape), leading, rows, columns, detached.device)].reshape(rows, columns)
    return Rows(values, tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), width, places)


def elements_of(tensor: Any, count: int) -> Rows:
    """Some single elements of a tensor [1, count], at the positions that the rows of a matrix as long would have."""
    detached, size = tensor.detach(), tensor.numel()
    taken = min(size, count)
    if taken == size:
        values = detached.clone(memory_format=torch.contiguous_format).reshape(1, size)
    elif detached.is_contiguous():
        values = detached.view(-1).index_select(0, _index((size,), 1, taken, 1, detached.device)[0]).reshape(1, taken)
    else:
        values = detached[_index(tuple(detached.shape), detached.dim(), taken, 1, detached.device)].reshape(1, taken)
    return Rows(values, tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), size)


def _extent(count: int, width: int, apart: bool) -> tuple[int, int]:
    """How many rows, and how many columns of each."""
    rows = min(count, ROWS_MAX)
    if rows * width <= ELEMENTS_MAX:
        return rows, width
    if apart or width > COLUMNS_MAX:
        rows = min(count, ROWS_APART)
        return rows, min(width, ELEMENTS_APART // rows)
    return min(rows, max(ROWS_MIN, ELEMENTS_MAX // width)), width


@lru_cache(maxsize=64)
def _index(shape: tuple[int, ...], leading: int, rows: int, columns: int, device: Any) -> tuple[Any, ...]:
    """The places of some rows and columns in a tensor of a shape, as index tensors of each axis."""
    count, width = math.prod(shape[:leading]), math.prod(shape[leading:])
    taken = np.unravel_index(positions(count, rows), shape[:leading])
    if columns == width:
        return tuple(_placed(axis, device) for axis in taken)
    across = np.unravel_index(positions(width, columns), shape[leading:])
    return (*(_placed(axis[:, None], device) for axis in taken), *(_placed(axis[None], device) for axis in across))


def _placed(places: NDArray[np.int64], device: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(places)).to(device, non_blocking=True)
