"""One statistic of every layer over steps, as a heat map: one row a layer, input at the top.

Neighbours that fail together are one blob at the exact step. The healthy band, where the statistic has one, is the
neutral tone; colours span the 1 to 99.7 percentile, so that one explosion does not eat all contrast. What to do: click
the row where the blob begins; its histograms show what the values became.
"""

import html
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas
from trainvitals_dashboards.colours import INKS, Ink, diverging
from trainvitals_dashboards.heatmap_rows import FRAME_PIXELS, RowLabel, block_starts, chart_pixels, row_labels
from trainvitals_dashboards.layer_series import layer_key
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.scales import SCALES, Floats, Scale, band_of, limits, transformed
from trainvitals_dashboards.view import STATISTIC, View
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import Layer

COLUMNS_MIN, COLUMNS_MAX, CELLS_MAX = 60, 400, 120_000
"""More cells than this are slow to send and to draw: thousands of layers get wider columns."""
LETTER_PIXELS = 6.4
"""Width of a letter of a row's name, about."""
BLOCK_PIXELS_MIN = 8
"""Lines between blocks closer than this would hide the rows."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The heat map of one run; raises NotFound for an unknown run."""
    run_id = view.runs[0]
    statistic = view.statistic if view.statistic in SCALES else STATISTIC
    scale = SCALES[statistic]
    layers = {layer["name"]: layer for layer in reader.layers(run_id)}
    first, last = view.step_window
    window = {} if view.axis == "time" else {"first_step": first, "last_step": last}
    columns = max(COLUMNS_MIN, min(COLUMNS_MAX, CELLS_MAX // max(1, len(layers))))
    try:
        heatmap = reader.heatmap(run_id, statistic, columns=columns, **window)
    except NotFound as error:
        if error.code == "run_not_found":
            raise
        heatmap = {"layers": [], "steps": [], "values": []}
    names = heatmap["layers"]
    values = np.array([[np.nan if cell is None else cell for cell in row] for row in heatmap["values"]], dtype=float)
    if not names or not heatmap["steps"]:
        why = "no layer had one so far" if layers else "run.watch(model, optimizer) draws it here"
        return canvas.empty(view, f"No {scale.title.lower()} yet: {why}.")
    chart = canvas.figure(view, summary=_summary(scale, names, heatmap["steps"], values))
    canvas.by_step(chart)
    chart.add_trace(_trace(run_id, statistic, scale, names, layers, heatmap["steps"], values, INKS[view.theme]))
    _lay_out_rows(chart, names, view, len(layers))
    return chart


def _trace(
    run_id: str, statistic: str, scale: Scale, names: list[str], layers: dict[str, Layer], steps: list[int],
    values: Floats, ink: Ink,
) -> go.Heatmap:  # fmt: skip
    coloured = transformed(values, scale)
    low, high = limits(coloured, scale)
    colours = diverging(ink, 2 * band_of(scale)[1] / (high - low)) if scale.band else "Cividis"
    return go.Heatmap(
        x=np.asarray(steps, dtype=np.float64),
        y=[html.escape(name) for name in names],
        z=coloured.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=colours,
        hovertemplate="%{y}<br>step %{x}<br>%{z:.3g}<extra></extra>",
        colorbar={
            "thickness": 10, "outlinewidth": 0, "len": 1.0, "ypad": 4, "xpad": 6,
            "title": {"text": scale.label, "side": "right", "font": {"size": 11}},
        },
        hoverongaps=False,
        meta={
            "run": run_id,
            "reduce": "column",
            "merge": scale.reduce,
            "logarithm": scale.logarithm,
            "layers": names,
            "rows": [layer_key(statistic, layers[name]) if name in layers else name for name in names],
        },
    )  # fmt: skip


def _lay_out_rows(chart: go.Figure, names: list[str], view: View, layer_count: int) -> None:
    """Name the rows, rule off the blocks, and outline the selected row (the script moves the outline).

    Everything stands at a share of the plot's height, because plotly takes a number on this axis for a layer's name
    where a layer has that name, as those of a Sequential do. All is set at once: adding one by one is quadratic.
    """
    pixels = chart_pixels(layer_count) - FRAME_PIXELS
    labels = row_labels(names, pixels)
    chart.update_layout(
        hovermode="closest",
        margin={"l": 14 + round(LETTER_PIXELS * max(len(label.text) for label in labels)), "r": 8},
        yaxis={"type": "category", "autorange": "reversed", "showticklabels": False, "showgrid": False, "title": ""},
        xaxis={"showgrid": False},
        annotations=_names(labels, len(names), INKS[view.theme]),
        shapes=_lines(names, pixels, view.layer, INKS[view.theme]),
    )


def _names(labels: list[RowLabel], count: int, ink: Ink) -> list[dict[str, Any]]:
    beside = {
        "xref": "paper", "yref": "paper", "x": 0, "xanchor": "right", "yanchor": "middle", "xshift": -4,
        "showarrow": False,
    }  # fmt: skip
    rows = [
        {**beside, "name": "row", "text": html.escape(label.text), "y": 1 - (label.place + 0.5) / count,
         "font": {"size": 11}}
        for label in labels
    ]  # fmt: skip
    chosen = {"visible": False, "bgcolor": ink.surface, "font": {"color": ink.text, "size": 11}}
    return [*rows, {**beside, **chosen, "name": "selected", "text": "", "y": 0}]


def _lines(names: list[str], pixels: float, layer: str | None, ink: Ink) -> list[dict[str, Any]]:
    count, starts = len(names), block_starts(names)
    across = {"xref": "paper", "yref": "paper", "x0": 0, "x1": 1}
    ruled = starts[1:] if len(starts) * BLOCK_PIXELS_MIN < pixels and len(starts) < count else []
    rules = [
        {**across, "type": "line", "y0": 1 - place / count, "y1": 1 - place / count,
         "line": {"color": ink.surface, "width": 1}}
        for place in ruled
    ]  # fmt: skip
    row = names.index(layer) if layer in names else -1
    outline = {"y0": 1 - row / count, "y1": 1 - (row + 1) / count, "visible": row >= 0}
    return [*rules, {**across, **outline, "name": "selected", "type": "rect", "line": {"color": ink.text, "width": 2}}]


def _summary(scale: Scale, names: list[str], steps: list[int], values: Floats) -> str:
    finite = np.where(np.isfinite(values), values, -np.inf)
    row, column = np.unravel_index(int(np.argmax(finite)), finite.shape)
    return (
        f"{scale.title} of {len(names)} layers over steps {whole(steps[0])} to {whole(steps[-1])}; the greatest is "
        f"{short(float(values[row, column]))} in {names[row]} at step {whole(steps[column])}."
    )
