"""`tv.Histogram`: a distribution the user logs; it keeps its own edges."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainvitals_wire.histogram import Histogram as WireHistogram

BINS_MAX = 4096


class Histogram:
    """Counts over ascending edges, from values (`bins` equal bins over their finite range) or from counts and edges.

    Raises ValueError where edges do not ascend or counts do not fit them.
    """

    def __init__(
        self,
        values: ArrayLike | None = None,
        bins: int = 64,
        *,
        np_histogram: tuple[Sequence[float] | NDArray[Any], Sequence[float] | NDArray[Any]] | None = None,
    ) -> None:
        self.nonfinite = 0
        if np_histogram is not None:
            counts, edges = np_histogram
            self.counts, self.edges = np.asarray(counts, dtype=np.float64), np.asarray(edges, dtype=np.float64)
        elif values is not None:
            self._count(values, bins)
        else:
            raise ValueError("Histogram needs values or np_histogram=(counts, edges)")
        self._check()

    def _count(self, values: ArrayLike, bins: int) -> None:
        if not 1 <= bins <= BINS_MAX:
            raise ValueError(f"bins={bins} is not between 1 and {BINS_MAX}")
        array = _as_array(values)
        finite = array[np.isfinite(array)]
        self.nonfinite = int(array.size - finite.size)
        counts, self.edges = _binned(finite, bins)
        self.counts = counts.astype(np.float64)

    def _check(self) -> None:
        if self.edges.ndim != 1 or self.counts.shape != (len(self.edges) - 1,) or len(self.edges) > BINS_MAX + 1:
            raise ValueError(f"{len(self.counts)} counts need {len(self.counts) + 1} edges; got {len(self.edges)}")
        if not np.isfinite(self.edges).all() or not (np.diff(self.edges) > 0).all():
            raise ValueError("histogram edges must ascend and be finite")
        if not np.isfinite(self.counts).all() or (self.counts < 0).any():
            raise ValueError("histogram counts must be finite and not negative")

    def wire(self, key: str, step: int, time: float) -> WireHistogram:
        """The sparse form that reports carry."""
        counts = np.rint(self.counts).astype(np.uint64)
        used = np.flatnonzero(counts)
        return WireHistogram(key, step, time, used.astype(np.uint16), counts[used], self.nonfinite, self.edges)


def _binned(values: NDArray[np.float64], bins: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Counts and edges; numpy refuses a range too narrow for its bins, and one wider than the greatest number."""
    try:
        with np.errstate(all="ignore"):
            return np.histogram(values, bins=bins)
    except ValueError:
        low, high = float(values.min()), float(values.max())
        edges = np.unique(np.linspace(low / 2, high / 2, bins + 1) * 2) if high / 2 - low / 2 > 1 else np.array([])
        if len(edges) != bins + 1:
            edges = np.array([low, np.nextafter(high, np.inf)])
        return np.histogram(values, bins=edges)


def _as_array(values: Any) -> NDArray[np.float64]:
    if hasattr(values, "detach"):
        values = values.detach().cpu().double().numpy()
    return np.asarray(values, dtype=np.float64).ravel()
