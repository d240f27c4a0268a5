"""What the statistics are computed from: the samples of one step, and what a watch remembers from step to step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.passes import Passes
from trainvitals.capture.ragged import Floats, Ragged
from trainvitals.capture.settings import SecondMoments, Setting

EMPTY = Ragged((), np.empty(0), ())


class Column(NamedTuple):
    """One statistic of several owners: `values` [len(owners)]; a run's own statistic has the owner ""."""

    statistic: str
    owners: tuple[str, ...]
    values: Floats


Measured = Iterator[Column]


class Seen(NamedTuple):
    """A layer's output that was looked at whole: `absmax` is the greatest absolute value of all elements.

    `peaks`, `saturated` [units]: the greatest value of each unit and the share of its values that are saturated, over
    `values` elements each; None for layers of which they say nothing.
    """

    absmax: float
    peaks: NDArray[np.float32] | None = None
    saturated: NDArray[np.float32] | None = None
    values: int = 0


@dataclass
class Observation:
    """One step. A family that was not captured is empty.

    `gradient_norms` [rows of `gradients`] and, on deep steps, `weight_norms` [rows of `weights_before`] are exact.
    `whole`: what was seen of outputs looked at whole, by layer. `rectifying`: the layers that rectify. `saturations`:
    the middle of the range of each squashing layer, and how far from there it saturates. `located`: how many elements
    are not finite, of the owners where they were counted. `memory` lives as long as the watch.
    """

    step: int
    several_ranks: bool = False
    """Other processes measure the same step on other data."""
    layer_types: Mapping[str, str] = field(default_factory=dict)
    rectifying: frozenset[str] = frozenset()
    saturations: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    activations: Ragged = EMPTY
    gradients: Ragged = EMPTY
    weights: Ragged = EMPTY
    updates: Ragged = EMPTY
    weights_before: Ragged = EMPTY
    gradient_norms: Floats = field(default_factory=lambda: np.empty(0))
    weight_norms: Floats = field(default_factory=lambda: np.empty(0))
    whole: Mapping[str, Seen] = field(default_factory=dict)
    located: Mapping[str, int] = field(default_factory=dict)
    passes: Passes | None = None
    """Backward passes, where they were listened to."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Of each parameter, what its optimizer holds for it."""
    second_moments: SecondMoments | None = None
    memory: dict[str, Any] = field(default_factory=dict)
