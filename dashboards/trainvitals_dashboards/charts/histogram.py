"""How the values of one layer are spread, over steps: activations, gradients, weights or updates.

Bright is where the values are. A fan that opens is an explosion, one that closes to a line is a collapse; a bright edge
is saturation or clipping. What to do: find the step where the shape changes and look at what changed there.
"""

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas, layer_histograms
from trainvitals_dashboards.number_format import whole
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

COLUMNS = 120
CONTRAST = 0.6
"""Exponent of the shares: the tails stay to be seen beside the peak."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The chosen layer's histograms over time; raises NotFound for an unknown run."""
    found = layer_histograms.read(reader, view, COLUMNS)
    if isinstance(found, str):
        return canvas.empty(view, found)
    first, last = whole(found.steps[0]), whole(found.steps[-1])
    chart = canvas.figure(
        view,
        summary=f"Spread of the {found.family} values of {found.layer} from step {first} to {last}.",
        y_title=f"{found.family} value",
        live=False,
    )
    canvas.by_step(chart)
    peaks = np.maximum(found.shares.max(axis=1, keepdims=True), 1e-12)
    shade = ((found.shares / peaks) ** CONTRAST).T
    chart.add_trace(
        go.Heatmap(
            x=np.asarray(found.steps, dtype=float),
            y=found.axis.places,
            z=shade.astype(np.float32),
            customdata=(100 * found.shares.T).astype(np.float32),
            zmin=0,
            zmax=1,
            colorscale="Cividis",
            showscale=False,
            hovertemplate="step %{x}<br>value %{y:.3g}<br>%{customdata:.2g} % of the values<extra></extra>",
            meta={"run": view.runs[0], "series": found.key, "reduce": "news"},
        )
    )
    chart.update_layout(hovermode="closest", xaxis={"showgrid": False}, yaxis={"showgrid": False})
    if found.axis.logarithmic:
        chart.update_yaxes(tickvals=found.axis.tick_places, ticktext=found.axis.tick_texts)
    return chart
