"""One statistic of every layer over steps, as a heat map: one row a layer, input at the top.

Neighbours that fail together are one blob at the exact step. The healthy band, where the statistic has one, is the
neutral tone; colours span the 1 to 99.7 percentile, so that one explosion does not eat all contrast. What to do: click
the row where the blob begins; its histograms show what the values became.
"""

import html
import re

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas
from trainvitals_dashboards.colours import INKS, Ink, diverging
from trainvitals_dashboards.layer_series import layer_key
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.scales import SCALES, Floats, Scale, band_of, limits, transformed
from trainvitals_dashboards.view import STATISTIC, View
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import Layer

COLUMNS = 400
LABELS_MAX = 30


def draw(reader: Reader, view: View) -> go.Figure:
    """The heat map of one run; raises NotFound for an unknown run."""
    run_id = view.runs[0]
    statistic = view.statistic if view.statistic in SCALES else STATISTIC
    scale = SCALES[statistic]
    layers = {layer["name"]: layer for layer in reader.layers(run_id)}
    first, last = view.step_window
    window = {} if view.axis == "time" else {"first_step": first, "last_step": last}
    try:
        heatmap = reader.heatmap(run_id, statistic, columns=COLUMNS, **window)
    except NotFound as error:
        if error.code == "run_not_found":
            raise
        heatmap = {"layers": [], "steps": [], "values": []}
    names = heatmap["layers"]
    values = np.array([[np.nan if cell is None else cell for cell in row] for row in heatmap["values"]], dtype=float)
    if not names or not heatmap["steps"]:
        return canvas.empty(view, f"No {scale.title.lower()} yet: run.watch(model, optimizer) draws it here.")
    chart = canvas.figure(view, summary=_summary(scale, names, heatmap["steps"], values))
    if view.axis == "time":
        chart.update_layout(xaxis={"title": {"text": "step"}, "autorange": True}, meta={"axis": "step", "zoom": False})
    chart.add_trace(_trace(run_id, statistic, scale, names, layers, heatmap["steps"], values, INKS[view.theme]))
    _lay_out_rows(chart, names, view)
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
        y=np.arange(len(names)),
        z=coloured.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=colours,
        text=[html.escape(name) for name in names],
        hovertemplate="%{customdata}<br>step %{x}<br>%{z:.3g}<extra></extra>",
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


def _lay_out_rows(chart: go.Figure, names: list[str], view: View) -> None:
    """Label one row a block, rule off the blocks, and outline the selected row (the script moves the outline)."""
    ink = INKS[view.theme]
    starts = [place for place, name in enumerate(names) if place == 0 or _block(name) != _block(names[place - 1])]
    shown = starts if 1 < len(starts) <= LABELS_MAX else list(range(0, len(names), max(1, len(names) // LABELS_MAX)))
    if len(names) <= LABELS_MAX:
        shown = list(range(len(names)))
    labels = [html.escape(names[place] if len(names) <= LABELS_MAX else _block(names[place])) for place in shown]
    chart.update_layout(
        hovermode="closest",
        margin={"l": 96, "r": 8},
        yaxis={"autorange": "reversed", "tickvals": shown, "ticktext": labels, "showgrid": False, "title": ""},
        xaxis={"showgrid": False},
    )
    for place in starts[1:] if len(starts) > 1 and len(names) > LABELS_MAX else []:
        chart.add_hline(y=place - 0.5, line={"color": ink.surface, "width": 1})
    selected = names.index(view.layer) if view.layer in names else None
    y = -10.0 if selected is None else float(selected)
    chart.add_shape(
        name="selected", type="rect", xref="paper", x0=0, x1=1, y0=y - 0.5, y1=y + 0.5, visible=selected is not None,
        line={"color": ink.text, "width": 2},
    )  # fmt: skip
    # A narrow page has no room for the name; the script shows it only where it fits.
    chart.add_annotation(
        name="selected", xref="paper", x=0, y=max(y, 0.0), xanchor="right", xshift=-4, showarrow=False,
        text="", visible=selected is not None, bgcolor=ink.surface, font={"color": ink.text, "size": 11},
    )  # fmt: skip


def _block(name: str) -> str:
    """The part of a dotted name up to its first number: `blocks.7.attn.qkv` is of `blocks.7`."""
    found = re.match(r"(?:[^.]*\.)*?\d+(?=\.|$)", name)
    return found.group() if found else name


def _summary(scale: Scale, names: list[str], steps: list[int], values: Floats) -> str:
    finite = np.where(np.isfinite(values), values, -np.inf)
    row, column = np.unravel_index(int(np.argmax(finite)), finite.shape)
    return (
        f"{scale.title} of {len(names)} layers over steps {whole(steps[0])} to {whole(steps[-1])}; the greatest is "
        f"{short(float(values[row, column]))} in {names[row]} at step {whole(steps[column])}."
    )
