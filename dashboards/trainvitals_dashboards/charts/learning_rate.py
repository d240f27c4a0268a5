"""The learning rate of each parameter group over steps.

Shows the schedule as the optimizer really used it. Why it matters: a rate that is too high or too low is the commonest
cause of a run that does not learn. What to do: compare the step of an incident with warm-up and decay.
"""

import plotly.graph_objects as go

from trainvitals_dashboards import canvas, line_ends, series_lines
from trainvitals_dashboards.colours import DASHES, ORANGE, RUN_COLOURS
from trainvitals_dashboards.line_ends import LineEnd
from trainvitals_dashboards.number_format import short
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader

GROUPS_MAX = 6


def draw(reader: Reader, view: View) -> go.Figure:
    """The learning rates of one run; raises NotFound."""
    run_id = view.runs[0]
    keys = sorted(entry["key"] for entry in reader.series(run_id) if entry["key"].split("/")[0] == "learning_rate")
    lines = series_lines.read(reader, view, run_id, keys[:GROUPS_MAX], reader.run(run_id)["created_at"])
    if not lines:
        return canvas.empty(view, "No learning rate yet: run.watch(model, optimizer) draws it here.")
    last = lines[0].y[-1] if len(lines[0].y) else None
    chart = canvas.figure(view, summary=f"The learning rate is {short(last)} now.")
    colours = (ORANGE, *(colour for colour in RUN_COLOURS if colour != ORANGE))
    for place, line in enumerate(lines):
        style = {"color": colours[place], "width": 2, "dash": DASHES[place % len(DASHES)]}
        chart.add_trace(series_lines.trace(line, line=style))
    if len(lines) > 1:
        names = [line.key.partition("/")[2] or "group0" for line in lines]
        ends = [
            LineEnd(line, line.y, name, colours[place])
            for place, (line, name) in enumerate(zip(lines, names, strict=True))
        ]
        line_ends.name_ends(chart, view, ends)
    chart.update_yaxes(exponentformat="power", rangemode="tozero")
    return chart
