"""A plane: one preallocated row of sampled elements a tensor, filled on the training thread, read by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainvitals.capture.flat import flat_view, sampleable
from trainvitals.capture.positions import positions
from trainvitals.capture.ragged import Ragged
from trainvitals.capture.sparse import coalesced, elements


@dataclass(slots=True)
class _Fit:
    """How the tensor of a row is sampled while its size and device stay the same."""

    size: int
    device: Any
    index: Any
    row: Any
    here: bool
    """The matrix lies on the same device."""


class Plane:
    """A float32 matrix [rows, samples]; `counts[row]` of a row's elements are used.

    On an accelerator the matrix lies on the device of the first tensor and travels to pinned memory in one copy that
    nobody waits for (`depart`).
    """

    def __init__(self, rows: int, samples: int) -> None:
        self._rows = rows
        self._samples = samples
        self._matrix: Any = None
        self._host: Any = None
        self._fits: list[_Fit | None] = [None] * rows
        self.filled = [False] * rows
        self.sizes = [0] * rows

    @property
    def device(self) -> Any:
        """Where the matrix lies; None before the first row."""
        return None if self._matrix is None else self._matrix.device

    def clear(self) -> None:
        self.filled = [False] * self._rows

    def put(self, row: int, tensor: Any) -> None:
        """Copy the sample of a tensor into its row: one or two operations, no wait, no reference kept."""
        size = tensor.numel()
        fit = self._fits[row]
        if fit is None or fit.size != size or fit.device != tensor.device:
            fit = self._fits[row] = self._fit(row, size, tensor.device)
        flat = flat_view(tensor)
        if flat is None:
            fit.row.copy_(_gathered(tensor.detach(), positions(size, self._samples)))
        elif fit.index is None:
            fit.row.copy_(flat)
        elif fit.here and tensor.dtype is torch.float32:
            torch.index_select(flat, 0, fit.index, out=fit.row)
        else:
            fit.row.copy_(flat.index_select(0, fit.index), non_blocking=True)
        self.sizes[row] = size
        self.filled[row] = True

    def put_gradient(self, row: int, gradient: Any) -> Any | None:
        """Copy a gradient's sample, dense or sparse; gives the elements of its norm, None where it has no numbers."""
        if sampleable(gradient):
            self.put(row, gradient)
            return gradient
        sparse = coalesced(gradient)
        if sparse is None:
            return None
        self._put_sparse(row, sparse)
        return sparse.values()

    def _put_sparse(self, row: int, tensor: Any) -> None:
        size = tensor.numel()
        fit = self._fits[row] = self._fit(row, size, tensor.device)
        places = torch.arange(size, device=tensor.device) if fit.index is None else fit.index
        fit.row.copy_(elements(tensor, places), non_blocking=True)
        self.sizes[row] = size
        self.filled[row] = True

    def depart(self) -> None:
        """Start the copy to the host, on the current stream."""
        if self._matrix is not None and self._matrix.device.type == "cuda":
            if self._host is None:
                self._host = torch.empty(self._matrix.shape, dtype=torch.float32, device="cpu", pin_memory=True)
            self._host.copy_(self._matrix, non_blocking=True)

    def rows(self) -> list[tuple[int, int, NDArray[np.float32]]]:
        """Row number, size of the whole tensor, and the sampled elements, for each row that was filled."""
        if self._matrix is None:
            return []
        matrix = (self._host if self._host is not None else self._matrix.cpu()).numpy()
        return [
            (row, self.sizes[row], matrix[row, : min(self.sizes[row], self._samples)])
            for row in range(self._rows)
            if self.filled[row]
        ]

    def ragged(self, names: Sequence[str]) -> Ragged:
        """The rows that were filled, under the names of theirs."""
        rows = self.rows()
        return Ragged(
            tuple(names[row] for row, _, _ in rows),
            np.array([size for _, size, _ in rows], dtype=np.float64),
            [values for _, _, values in rows],
        )

    def _fit(self, row: int, size: int, device: Any) -> _Fit:
        if self._matrix is None:
            self._matrix = torch.empty((self._rows, self._samples), dtype=torch.float32, device=device)
        index = None
        if size > self._samples:
            index = _index(size, self._samples, device)
        taken = self._matrix[row, : min(size, self._samples)]
        return _Fit(size, device, index, taken, taken.device == device)


_indexes: dict[tuple[int, int, Any], Any] = {}


def _index(size: int, samples: int, device: Any) -> Any:
    found = _indexes.get((size, samples, device))
    if found is None:
        found = _indexes[size, samples, device] = torch.from_numpy(positions(size, samples)).to(device)
    return found


def _gathered(tensor: Any, index: NDArray[np.int64]) -> Any:
    places = np.unravel_index(index, tuple(tensor.shape))
    return tensor[tuple(torch.from_numpy(np.ascontiguousarray(place)).to(tensor.device) for place in places)]
