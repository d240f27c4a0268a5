"""The histograms of one layer, read and put onto a readable axis."""

from dataclasses import dataclass

import numpy as np

from trainvitals_dashboards.layer_series import histogram_key
from trainvitals_dashboards.value_axis import Floats, ValueAxis, fitting, quantile, rebin
from trainvitals_dashboards.view import FAMILY, View
from trainvitals_wire.names import HISTOGRAM_FAMILIES
from trainvitals_wire.reader import NotFound, Reader


@dataclass(frozen=True, slots=True)
class LayerHistograms:
    """`shares` [columns, bins] of the values of each column; `steps` [columns]; `counts` [columns, buckets] along
    `edges` [buckets + 1] as they were stored."""

    layer: str
    family: str
    key: str
    steps: list[int]
    axis: ValueAxis
    shares: Floats
    edges: Floats
    counts: Floats

    def quantile(self, share: float) -> Floats:
        """The value below which `share` of the values of each column lie [columns]."""
        return quantile(self.edges, self.counts, share)


def read(reader: Reader, view: View, columns: int) -> LayerHistograms | str:
    """The chosen layer's histograms of the chosen family, or a sentence that says why there are none."""
    run_id = view.runs[0]
    layers = reader.layers(run_id)
    if not layers:
        return "No layers yet: run.watch(model) draws them here."
    layer = next((layer for layer in layers if layer["name"] == view.layer), layers[0])
    family = view.family if view.family in HISTOGRAM_FAMILIES else FAMILY
    key = histogram_key(family, layer)
    first, last = view.step_window
    try:
        found = reader.histograms(run_id, key, first_step=first, last_step=last, columns=columns)
    except NotFound as error:
        if error.code == "run_not_found":
            raise
        found = None
    if found is None or not found["steps"] or len(found["edges"]) < 2:
        return f"No {family} histograms of {layer['name']} yet."
    edges, counts = np.asarray(found["edges"], dtype=float), np.asarray(found["counts"], dtype=float)
    axis = fitting(edges, counts)
    return LayerHistograms(layer["name"], family, key, found["steps"], axis, rebin(edges, counts, axis), edges, counts)
