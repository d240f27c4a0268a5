"""What the statistics are computed from: the samples of one step, and what a watch remembers from step to step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.ragged import Floats, Ragged

EMPTY = Ragged((), np.empty(0), ())


class Column(NamedTuple):
    """One statistic of several owners: `values` [len(owners)]; a run's own statistic has the owner ""."""

    statistic: str
    owners: tuple[str, ...]
    values: Floats


Measured = Iterator[Column]


@dataclass
class Observation:
    """One step. A family that was not captured is empty.

    `gradient_norms` [rows of `gradients`] are exact. `unit_peaks`: the greatest output of each unit of a
    rectifying layer [units], and how many values each was taken over. `extremes` (deep steps): least and greatest value
    of a layer's whole output. `memory` lives as long as the watch.
    """

    step: int
    layer_types: Mapping[str, str] = field(default_factory=dict)
    activations: Ragged = EMPTY
    gradients: Ragged = EMPTY
    weights: Ragged = EMPTY
    updates: Ragged = EMPTY
    weights_before: Ragged = EMPTY
    gradient_norms: Floats = field(default_factory=lambda: np.empty(0))
    unit_peaks: Mapping[str, tuple[NDArray[np.float32], int]] = field(default_factory=dict)
    extremes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
