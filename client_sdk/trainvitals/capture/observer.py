"""The observer: reads a sample that has arrived on the host into what the statistics are computed from."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.hunt import Where
from trainvitals.capture.layers import WatchedLayer, WatchedParameter, type_name
from trainvitals.capture.location import Location
from trainvitals.capture.observation import Observation, Seen
from trainvitals.capture.ragged import Ragged, summed_together
from trainvitals.capture.sample import Sample
from trainvitals.capture.survey import Kind, Survey
from trainvitals.capture.units import saturation_of

Locations = dict[tuple[Where, int], Location]


class Observer:
    """Knows the names of the rows; its memory is that of the statistics, from step to step."""

    def __init__(
        self, layers: Sequence[WatchedLayer], parameters: Sequence[WatchedParameter], several_ranks: bool
    ) -> None:
        self._layers = tuple(layer.name for layer in layers)
        self._parameters = tuple(parameter.name for parameter in parameters)
        self._types = {layer.name: type_name(layer.module) for layer in layers}
        self._rectifying = frozenset(layer.name for layer in layers if Kind.of(layer.module) is Kind.RECTIFIER)
        limits = ((layer.name, saturation_of(layer.module)) for layer in layers)
        self._saturations = {name: found for name, found in limits if found is not None}
        self._several_ranks = several_ranks
        self._memory: dict[str, Any] = {}

    def observe(self, sample: Sample, locations: Locations) -> Observation:
        planes = sample.planes
        scale = float(sample.gradient_scale)
        gradients = planes.gradients.ragged(self._parameters)
        if scale != 1.0:
            gradients = Ragged(gradients.owners, gradients.sizes, [row / np.float32(scale) for row in gradients.rows])
        activations, weights = planes.activations.ragged(self._layers), planes.weights.ragged(self._parameters)
        before, updates = _updates(planes.weights_before.ragged(self._parameters), weights)
        summed_together((activations, gradients, weights, before, updates))
        settings, second_moments = ({}, None) if sample.settings is None else sample.settings()
        return Observation(
            step=sample.step,
            several_ranks=self._several_ranks,
            layer_types=self._types,
            rectifying=self._rectifying,
            saturations=self._saturations,
            activations=activations,
            gradients=gradients,
            weights=weights,
            updates=updates,
            weights_before=before,
            gradient_norms=_norms(sample.gradient_norms) / scale,
            weight_norms=_norms(sample.weight_norms),
            whole=_whole({self._layers[row]: survey for row, survey in sample.surveys.items()}),
            located={self._name(where, row): found.count for (where, row), found in locations.items()},
            passes=None if sample.passes is None else sample.passes(),
            settings=settings,
            second_moments=second_moments,
            memory=self._memory if sample.phase == "training" else {},
        )

    def _name(self, where: Where, row: int) -> str:
        if where == "input":
            return ""
        return (self._layers if where == "activation" else self._parameters)[row]


def read_locations(sample: Sample) -> Locations:
    """Where a value was found that is not finite; what was searched in vain is left out."""
    found: Locations = {}
    for (where, row), place in sample.locations.items():
        shapes = sample.shapes if where == "activation" else sample.parameter_shapes
        location = Location.read(place, sample.input_shape if where == "input" else shapes[row])
        if location is not None:
            found[where, row] = location
    return found


def _whole(surveys: Mapping[str, Survey]) -> dict[str, Seen]:
    """What was seen of each layer, the greatest of all peaks found at once."""
    peaks = {name: survey.peaks.float().numpy() for name, survey in surveys.items() if survey.peaks is not None}
    greatest = {}
    if peaks:
        starts = np.cumsum([0, *(len(row) for row in peaks.values())][:-1])
        found = np.maximum.reduceat(np.concatenate(list(peaks.values())), starts).tolist()
        greatest = dict(zip(peaks, found, strict=True))
    return {name: _seen(survey, peaks.get(name), greatest.get(name)) for name, survey in surveys.items()}


def _seen(survey: Survey, peaks: NDArray[np.float32] | None, greatest: float | None) -> Seen:
    saturated = None if survey.saturated is None else survey.saturated.float().numpy()
    ends = (
        survey.greatest.item() if greatest is None else greatest,
        0.0 if survey.least is None else survey.least.item(),
    )
    # `max` of Python would lose a NaN in second place.
    absmax = math.nan if any(map(math.isnan, ends)) else max(map(abs, ends))
    return Seen(absmax, peaks, saturated, survey.values)


def _norms(found: Any) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = np.empty(0) if found is None else found.double().numpy()
    return norms


def _updates(before: Ragged, after: Ragged) -> tuple[Ragged, Ragged]:
    """The weights before the step and what the step added, for the rows where both were taken."""
    before, after = before.paired(after)
    with np.errstate(all="ignore"):
        changes = [new - old for old, new in zip(before.rows, after.rows, strict=True)]
    return before, Ragged(before.owners, before.sizes, changes)
