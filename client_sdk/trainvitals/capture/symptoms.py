"""What a sample shows beyond its numbers: where the first value went that is not finite."""

from collections.abc import Callable, Sequence

import numpy as np

from trainvitals.capture.observation import Observation
from trainvitals.capture.ragged import Ragged
from trainvitals.capture.sample import Sample
from trainvitals.collector import Collector


class Symptoms:
    """Tells a `nonfinite` fact the first time it is seen in an input, an activation, a gradient, a weight."""

    def __init__(self, collector: Collector, on_alarm: Callable[[str], None]) -> None:
        self._collector = collector
        self._on_alarm = on_alarm
        self._told: set[str] = set()

    def look(self, sample: Sample, seen: Observation) -> None:
        inputs = [values for _, _, values in sample.planes.inputs.rows()]
        if inputs and not np.isfinite(inputs[0]).all():
            self._tell("input", seen.step, "")
        place = {row: order for order, row in enumerate(sample.order)}
        rows = [row for row, _, _ in sample.planes.activations.rows()]
        self._first("activation", seen, seen.activations, sorted(range(len(rows)), key=lambda at: place[rows[at]]))
        self._first("gradient", seen, seen.gradients, range(len(seen.gradients.owners) - 1, -1, -1))
        self._first("weight", seen, seen.weights_before, range(len(seen.weights_before.owners)))

    def _first(self, where: str, seen: Observation, part: Ragged, order: Sequence[int]) -> None:
        if where in self._told or not part:
            return
        odd = part.nonfinite > 0
        if where == "gradient":
            odd |= ~np.isfinite(seen.gradient_norms)
        if where == "activation":
            odd |= np.array([not np.isfinite(seen.extremes.get(owner, (0.0,))).all() for owner in part.owners])
        found = next((at for at in order if odd[at]), None)
        if found is not None:
            self._tell(where, seen.step, part.owners[found])

    def _tell(self, where: str, step: int, owner: str) -> None:
        if where not in self._told:
            self._told.add(where)
            self._collector.fact({"kind": "nonfinite", "step": step, "where": where, "owner": owner})
            self._on_alarm(f"a value in the {where} is not finite")
