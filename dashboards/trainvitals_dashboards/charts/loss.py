"""Training and validation loss over steps, smoothed, with the onset of each incident.

Shows the raw training loss faintly and its exponential moving average strongly; validation as dotted points. A dashed
line stands where an incident began. Why it matters: the loss is the first thing that a fault touches, and often the
last. What to do: look at what the layers did at the step where the line turns.
"""

import html

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards import canvas, line_ends, series_lines, value_scale
from trainvitals_dashboards.colours import INKS, ORANGE, SKY
from trainvitals_dashboards.line_ends import LineEnd
from trainvitals_dashboards.loss_series import training_loss, validation_loss
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import Incident

MARKS_MAX = 3
"""More labels than this would lie over each other."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The loss of one run; raises NotFound."""
    run_id = view.runs[0]
    run = reader.run(run_id)
    keys = {entry["key"] for entry in reader.series(run_id)}
    train, validation = training_loss(keys), validation_loss(keys)
    if train is None:
        return canvas.empty(view, "No loss yet: run.log({'loss': loss}) draws one here.")
    wanted = [key for key in (train, validation) if key]
    lines = series_lines.read(reader, view, run_id, wanted, run["created_at"])
    chart = canvas.figure(view, summary=_summary(lines), y_title="loss")
    ends = [_add_training(chart, line, view) if line.key == train else _add_validation(chart, line) for line in lines]
    log = value_scale.logarithmic(view, [line.y for line in lines])
    value_scale.lay_out(chart, log)
    line_ends.name_ends(chart, view, ends, logarithmic=log)
    _mark_incidents(chart, view, reader.warnings(run_id)["incidents"], lines)
    return chart


def _add_training(chart: go.Figure, line: series_lines.Line, view: View) -> LineEnd:
    faint = 0.35 if view.smoothing else 1.0
    chart.add_trace(series_lines.trace(line, name="train", line={"color": SKY, "width": 1}, opacity=faint))
    if view.smoothing:
        style = {"color": SKY, "width": 2.2}
        chart.add_trace(series_lines.trace(line, smoothing=view.smoothing, name="train, smoothed", line=style))
    return LineEnd(line, series_lines.smooth(line.y, view.smoothing), "train", SKY)


def _add_validation(chart: go.Figure, line: series_lines.Line) -> LineEnd:
    style = {"color": ORANGE, "width": 1.8, "dash": "dot"}
    marks = {"size": 5, "symbol": "circle"}
    chart.add_trace(series_lines.trace(line, name="validation", mode="lines+markers", line=style, marker=marks))
    return LineEnd(line, line.y, "validation", ORANGE)


def _mark_incidents(chart: go.Figure, view: View, incidents: list[Incident], lines: list[series_lines.Line]) -> None:
    ink = INKS[view.theme]
    told = [incident for incident in incidents if incident["severity"] != "note" and incident["state"] == "firing"]
    for rank, incident in enumerate(told[:MARKS_MAX]):
        critical = incident["severity"] == "critical"
        colour = ink.critical if critical else ink.warning
        x = _place(incident["first_step"], lines)
        chart.add_vline(x=x, line={"color": colour, "width": 1.3, "dash": "dash"})
        chart.add_annotation(
            x=x, y=1 - 0.1 * rank, yref="paper", xanchor="left", yanchor="top", xshift=5, showarrow=False,
            text=f"{'▲' if critical else '◆'} {html.escape(incident['title'])}", font={"color": colour, "size": 11},
            bgcolor=ink.surface, borderpad=1,
        )  # fmt: skip


def _place(step: int, lines: list[series_lines.Line]) -> float:
    """Where a step lies on the x axis, which may be one of time."""
    steps, x = lines[0].steps, lines[0].x
    return float(np.interp(step, steps, x)) if len(steps) else float(step)


def _summary(lines: list[series_lines.Line]) -> str:
    parts = []
    for line in lines:
        finite = line.y[np.isfinite(line.y)]
        if len(finite):
            last = whole(int(line.steps[-1]))
            parts.append(f"{line.key} went from {short(float(finite[0]))} to {short(float(finite[-1]))} at step {last}")
    return "; ".join(parts) + "." if parts else "The loss has no finite value yet."
