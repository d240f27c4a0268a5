"""The last snapshots of one layer's values as ridges, oldest at the back.

Shows the shape that the heat map of histograms flattens: two peaks, a heavy tail, a spike at zero. What to do: compare
the newest ridge with the oldest; a healthy layer changes slowly.
"""

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from trainvitals_dashboards import canvas, layer_histograms
from trainvitals_dashboards.colours import ORANGE, SKY
from trainvitals_dashboards.number_format import whole
from trainvitals_dashboards.value_axis import Floats
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

COLUMNS = 40
RIDGES = 16
HEIGHT = 3.2
"""Height of the tallest ridge, in distances between two of them."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The chosen layer's latest histograms as ridges; raises NotFound for an unknown run."""
    found = layer_histograms.read(reader, view, COLUMNS)
    if isinstance(found, str):
        return canvas.empty(view, found)
    steps, shares = found.steps[-RIDGES:], found.shares[-RIDGES:]
    count = len(steps)
    chart = canvas.figure(
        view,
        summary=f"The last {count} spreads of the {found.family} values of {found.layer}, to step {whole(steps[-1])}.",
        x_title=f"{found.family} value",
        live=False,
    )
    ridges = HEIGHT * shares / max(float(shares.max()), 1e-12)
    colours = sample_colorscale([SKY, "#8fb8a0", ORANGE], np.linspace(0, 1, count).tolist() if count > 1 else [1.0])
    for place, (step, ridge, colour) in enumerate(zip(steps, ridges, colours, strict=True)):
        base = float(count - 1 - place)
        _add_ridge(chart, found.axis.places, ridge, base, step, colour, {"run": view.runs[0], "series": found.key})
    told = sorted({0, count // 2, count - 1})
    chart.update_layout(
        hovermode="closest",
        xaxis={"tickangle": 0, "nticks": 7},
        yaxis={
            "showgrid": False, "tickvals": [count - 1 - place for place in told],
            "ticktext": [f"step {whole(steps[place])}" for place in told],
        },
    )  # fmt: skip
    if found.axis.logarithmic:
        chart.update_xaxes(tickvals=found.axis.tick_places, ticktext=found.axis.tick_texts)
    return chart


def _add_ridge(
    chart: go.Figure, x: Floats, ridge: Floats, base: float, step: int, colour: str,
    meta: dict[str, str],
) -> None:  # fmt: skip
    chart.add_trace(
        go.Scatter(x=x[[0, -1]], y=[base, base], mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False)
    )
    fill = colour.replace("rgb(", "rgba(").replace(")", ", 0.32)")
    chart.add_trace(
        go.Scatter(
            x=x, y=base + ridge, mode="lines", line={"color": colour, "width": 1.2}, fill="tonexty", fillcolor=fill,
            name=f"step {whole(step)}", hovertemplate="step " + whole(step) + "<br>value %{x:.3g}<extra></extra>",
            meta={**meta, "reduce": "news"},
        )
    )  # fmt: skip
