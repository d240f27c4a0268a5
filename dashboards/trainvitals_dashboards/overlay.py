"""Lines of several runs in one chart."""

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas, line_ends, series_lines, value_scale
from trainvitals_dashboards.colours import DASHES, strokes
from trainvitals_dashboards.line_ends import LineEnd
from trainvitals_dashboards.number_format import short
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import RunDetail


def draw(reader: Reader, view: View, keys: dict[str, list[str]], *, y_title: str) -> go.Figure:
    """The series `keys` of each run; raises NotFound for an unknown run."""
    given = strokes(keys)
    names = {run_id: reader.run(run_id) for run_id in keys}
    lines = [
        line
        for run_id, wanted in keys.items()
        for line in series_lines.read(reader, view, run_id, wanted, names[run_id]["created_at"])
    ]
    if not lines:
        return canvas.empty(view, "None of these runs has this series yet.")
    chart = canvas.figure(view, summary=_summary(lines, names), y_title=y_title)
    order = list(dict.fromkeys(line.key for line in lines))
    ends = []
    for line in lines:
        text = names[line.run]["name"] if len(order) == 1 else f"{names[line.run]['name']} · {line.key}"
        dash = DASHES[order.index(line.key) % len(DASHES)]
        ends.append(_add(chart, view, line, text, given[line.run].colour, dash))
    log = value_scale.logarithmic(view, [line.y for line in lines])
    value_scale.lay_out(chart, log)
    line_ends.name_ends(chart, view, ends, logarithmic=log)
    return chart


def _add(chart: go.Figure, view: View, line: series_lines.Line, name: str, colour: str, dash: str) -> LineEnd:
    style = {"color": colour, "width": 2, "dash": dash}
    smoothing = view.smoothing
    if smoothing:
        faint = {"color": colour, "width": 1}
        chart.add_trace(series_lines.trace(line, name=f"{name}, raw", line=faint, opacity=0.25, hoverinfo="skip"))
    chart.add_trace(series_lines.trace(line, smoothing=smoothing, name=name, line=style))
    drawn = series_lines.smooth(line.y, smoothing) if smoothing else line.y
    return LineEnd(line, drawn, name, colour)


def _summary(lines: list[series_lines.Line], runs: dict[str, RunDetail]) -> str:
    told = []
    for line in lines:
        finite = line.y[np.isfinite(line.y)]
        name = runs[line.run]["name"]
        told.append(f"{name} {line.key} is {short(float(finite[-1])) if len(finite) else 'not finite'}")
    return "; ".join(told) + "."
