"""What a sample shows beyond its numbers: where the first value went that is not finite."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from trainvitals.capture.hunt import Hunt, Where
from trainvitals.capture.observation import Observation
from trainvitals.capture.observer import Locations
from trainvitals.capture.sample import Sample
from trainvitals.collector import Collector


class _Sight(NamedTuple):
    """The first bad one of a kind in a step; `exact`: whether all before it were looked at whole."""

    owner: str
    row: int
    exact: bool


class Symptoms:
    """Tells a `nonfinite` fact the first time it is seen in an input, an activation, a gradient, a weight.

    Once more where the first sight was not exact and a later step shows more.
    """

    def __init__(self, collector: Collector, on_alarm: Callable[[str], object], hunt: Hunt) -> None:
        self._collector = collector
        self._on_alarm = on_alarm
        self._hunt = hunt
        self._told: set[Where] = set()
        self._finite_until: dict[Where, int] = {}

    def look(self, sample: Sample, seen: Observation, locations: Locations) -> None:
        self._judge("input", _input(sample), sample, locations)
        if seen.activations:
            self._judge("activation", _activation(sample, seen), sample, locations)
        if seen.gradients:
            self._judge("gradient", _gradient(sample, seen), sample, locations)
        if seen.weights_before:
            self._judge("weight", _weight(sample, seen), sample, locations)

    def _judge(self, where: Where, sight: _Sight | None, sample: Sample, locations: Locations) -> None:
        if sight is None:
            self._finite_until[where] = sample.step
            return
        location = locations.get((where, sight.row))
        complete = sight.exact and location is not None
        if not self._hunt.open(where) or (where in self._told and not complete):
            return
        self._hunt.see(where, located=complete)
        self._collector.fact(
            {
                "kind": "nonfinite",
                "step": sample.step,
                "where": where,
                "owner": sight.owner,
                "details": {
                    "exact": sight.exact,
                    "finite_until": self._finite_until.get(where),
                    **({} if location is None else location.details()),
                },
            }
        )
        if where not in self._told:
            self._told.add(where)
            self._on_alarm(f"a value in the {where} is not finite")


def _input(sample: Sample) -> _Sight | None:
    values = [row for _, _, row in sample.planes.inputs.rows()]
    survey = sample.input_survey
    if not values or (np.isfinite(values[0]).all() and (survey is None or survey.finite())):
        return None
    return _Sight("", 0, survey is not None)


def _activation(sample: Sample, seen: Observation) -> _Sight | None:
    """The first in the order in which the outputs came; exact where all before it were looked at whole."""
    odd = seen.activations.nonfinite > 0
    if not odd.any() and all(math.isfinite(whole.absmax) for whole in seen.whole.values()):
        return None
    sampled = dict(zip(seen.activations.owners, odd, strict=True))
    names = dict(zip((row for row, _, _ in sample.planes.activations.rows()), seen.activations.owners, strict=True))
    exact = True
    for row in sample.order:
        owner = names[row]
        whole = seen.whole.get(owner)
        if sampled[owner] or (whole is not None and not math.isfinite(whole.absmax)):
            return _Sight(owner, row, exact)
        exact &= whole is not None
    return None


def _gradient(sample: Sample, seen: Observation) -> _Sight | None:
    odd = np.flatnonzero(~np.isfinite(seen.gradient_norms))
    if not len(odd):
        return None
    rows = [row for row, _, _ in sample.planes.gradients.rows()]
    return _Sight(seen.gradients.owners[odd[-1]], rows[odd[-1]], True)


def _weight(sample: Sample, seen: Observation) -> _Sight | None:
    bad = seen.weights_before.nonfinite > 0
    exact = len(seen.weight_norms) == len(bad)
    if exact:
        bad |= ~np.isfinite(seen.weight_norms)
    odd = np.flatnonzero(bad)
    if not len(odd):
        return None
    rows = [row for row, _, _ in sample.planes.weights_before.rows()]
    return _Sight(seen.weights_before.owners[odd[0]], rows[odd[0]], exact)
