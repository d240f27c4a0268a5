"""Which elements of a tensor are sampled: stratified, jittered, and fixed for each size."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1024
"""Elements taken from a parameter or its gradient at a sampled step."""
SAMPLES_ACTIVATION = 2048
"""The same of a layer's output: with half as many the standard deviation is off by more than 5 % in one layer of 20."""
SAMPLES_DEEP = 4096
"""The same at a deep step, where histograms are counted."""
SEED = 0x7EA1


@lru_cache(maxsize=4096)
def positions(size: int, samples: int) -> NDArray[np.int64]:
    """`samples` ascending positions in a flat tensor of `size` elements, one drawn in each of as many equal strata.

    A plain stride would alias with the channel layout. The generator is private and seeded by the size, so the user's
    random state stays as it is and a run can be repeated. A tensor with no more elements is taken whole. Positions of
    a shallow step are among those of a deep one: of a row of n deep ones, those at `positions(n, samples)`.
    """
    if size <= samples:
        return np.arange(size, dtype=np.int64)
    if samples < SAMPLES_DEEP < size:
        return positions(size, SAMPLES_DEEP)[positions(SAMPLES_DEEP, samples)]
    edges = np.arange(samples + 1, dtype=np.int64) * size // samples
    jitter = np.random.default_rng((SEED, size, samples)).random(samples)
    return edges[:-1] + (jitter * np.diff(edges)).astype(np.int64)
