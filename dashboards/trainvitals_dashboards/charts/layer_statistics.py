"""Every statistic of one layer over steps, each in a small chart of its own below the other.

Shows which statistic moved first. What to do: gradients before activations point at the loss or the learning rate,
activations before gradients at the input or the layers before.
"""

import html

import plotly.graph_objects as go

from trainvitals_dashboards import canvas, series_lines
from trainvitals_dashboards.colours import RUN_COLOURS, lettering
from trainvitals_dashboards.layer_series import layer_key
from trainvitals_dashboards.scales import SCALES
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

STATISTICS = ("gradient_norm", "activation_std", "update_ratio", "weight_norm", "dead_unit_fraction")


def draw(reader: Reader, view: View) -> go.Figure:
    """The statistics of the chosen layer; raises NotFound."""
    run_id = view.runs[0]
    layer = next((layer for layer in reader.layers(run_id) if layer["name"] == view.layer), None)
    if layer is None:
        return canvas.empty(view, "No such layer in this run.")
    known = {entry["key"] for entry in reader.series(run_id)}
    keys = [key for key in (layer_key(statistic, layer) for statistic in STATISTICS) if key in known]
    lines = series_lines.read(reader, view, run_id, keys, reader.run(run_id)["created_at"])
    if not lines:
        return canvas.empty(view, f"No statistics of {layer['name']} yet.")
    chart = canvas.figure(view, summary=f"{len(lines)} statistics of {layer['name']} over steps.")
    height = 1 / len(lines)
    for place, line in enumerate(lines):
        _add_row(chart, view, line, place, 1 - height * (place + 1), height)
    chart.update_layout(xaxis={"anchor": f"y{len(lines)}" if len(lines) > 1 else "y"}, margin={"l": 64})
    return chart


def _add_row(chart: go.Figure, view: View, line: series_lines.Line, place: int, bottom: float, height: float) -> None:
    statistic = line.key.split("/")[0]
    axis = f"y{place + 1}" if place else "y"
    chart.add_trace(
        series_lines.trace(line, yaxis=axis, name=statistic, line={"color": RUN_COLOURS[place], "width": 1.6})
    )
    base = chart.layout.yaxis.to_plotly_json()
    base.update(
        domain=[bottom + 0.02, bottom + height - 0.07], title={"text": ""}, nticks=3,
        type="log" if SCALES[statistic].logarithm else "linear",
        tickformat=".0e" if SCALES[statistic].logarithm else "", tickfont={"size": 10},
    )  # fmt: skip
    chart.update_layout({f"yaxis{place + 1}" if place else "yaxis": base})
    chart.add_annotation(
        xref="paper", yref="paper", x=0, y=bottom + height - 0.07, xanchor="left", yanchor="bottom", showarrow=False,
        text=html.escape(SCALES[statistic].title),
        font={"color": lettering(RUN_COLOURS[place], view.theme), "size": 11},
    )  # fmt: skip
