"""The histogram of one layer's values at one step, which a slider chooses.

Shows what the heat map has as one column, with the share of each bucket to be read off. What to do: slide across the
step of an incident; all steps share one axis, so what moves has moved.
"""

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas, layer_histograms
from trainvitals_dashboards.colours import SKY
from trainvitals_dashboards.number_format import whole
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

COLUMNS = 200
SHARE_ROOM = 1.05


def draw(reader: Reader, view: View) -> go.Figure:
    """The snapshot nearest to the view's step, else the last one; raises NotFound for an unknown run."""
    found = layer_histograms.read(reader, view, COLUMNS)
    if isinstance(found, str):
        return canvas.empty(view, found)
    place = len(found.steps) - 1
    if view.step is not None:
        place = int(np.argmin(np.abs(np.asarray(found.steps) - view.step)))
    shares = 100 * found.shares
    chart = canvas.figure(
        view,
        summary=f"Spread of the {found.family} values of {found.layer} at step {whole(found.steps[place])}.",
        x_title=f"{found.family} value",
        y_title="% of the values",
        live=False,
    )
    chart.add_trace(
        go.Bar(
            x=found.axis.places, y=shares[place], marker={"color": SKY, "line": {"width": 0}},
            customdata=found.axis.middles, name=f"step {whole(found.steps[place])}",
            hovertemplate="value %{customdata:.3g}<br>%{y:.2g} % of the values<extra></extra>",
            meta={"run": view.runs[0], "series": found.key, "reduce": "news"},
        )
    )  # fmt: skip
    highest = SHARE_ROOM * float(np.percentile(shares.max(axis=1), 98))
    chart.update_layout(
        bargap=0,
        hovermode="closest",
        xaxis={"tickangle": 0, "nticks": 7, "range": found.axis.reach, "autorange": False},
        yaxis={"range": [0, max(highest, 1e-6)], "autorange": False},
    )
    canvas.add_meta(chart, steps=found.steps, place=place)
    if found.axis.logarithmic:
        chart.update_xaxes(tickvals=found.axis.tick_places, ticktext=found.axis.tick_texts)
    return chart
