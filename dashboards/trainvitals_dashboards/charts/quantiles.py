"""Quantile bands of one layer's values over steps: the middle half, nine tenths, and 98 of 100 values.

Shows drift and spread as numbers that can be read off, where the heat map of histograms shows shape. What to do: a
median that leaves zero is a shift, an outer band that widens alone is a heavy tail: look for outliers in the batch.
"""

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas, layer_histograms
from trainvitals_dashboards.colours import INKS, SKY
from trainvitals_dashboards.layer_histograms import LayerHistograms
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

COLUMNS = 200
BANDS = ((0.01, 0.99, 0.16), (0.05, 0.95, 0.24), (0.25, 0.75, 0.38))
"""Lower and upper quantile, and the opacity of the band between them; wide ones lie behind."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The chosen layer's quantiles over time; raises NotFound for an unknown run."""
    found = layer_histograms.read(reader, view, COLUMNS)
    if isinstance(found, str):
        return canvas.empty(view, found)
    median = found.quantile(0.5)
    chart = canvas.figure(
        view,
        summary=f"The median of the {found.family} values of {found.layer} went from {short(float(median[0]))} to "
        f"{short(float(median[-1]))} by step {whole(found.steps[-1])}.",
        y_title=f"{found.family} value",
        live=False,
    )
    canvas.by_step(chart)
    for low, high, opacity in BANDS:
        _add_band(chart, view, found, low, high, opacity)
    _add_line(chart, view, found, 0.5, "median", color=INKS[view.theme].text, width=1.6)
    if found.axis.logarithmic:
        chart.update_yaxes(tickvals=found.axis.tick_places, ticktext=found.axis.tick_texts)
    return chart


def _add_band(chart: go.Figure, view: View, found: LayerHistograms, low: float, high: float, opacity: float) -> None:
    edge = {"color": SKY, "width": 0.6}
    _add_line(chart, view, found, low, f"{low:.0%}", **edge)
    _add_line(chart, view, found, high, f"{high:.0%}", **edge)
    red, green, blue = (int(SKY[place : place + 2], 16) for place in (1, 3, 5))
    chart.data[-1].update(fill="tonexty", fillcolor=f"rgba({red},{green},{blue},{opacity})")


def _add_line(chart: go.Figure, view: View, found: LayerHistograms, share: float, name: str, **line: object) -> None:
    values = found.quantile(share)
    chart.add_trace(
        go.Scatter(
            x=np.asarray(found.steps, dtype=float), y=found.axis.drawn(values), customdata=values, mode="lines",
            name=name, line=line, hovertemplate="%{customdata:.3g}<extra>%{fullData.name}</extra>",
            meta={"run": view.runs[0], "series": found.key, "reduce": "news"},
        )
    )  # fmt: skip
