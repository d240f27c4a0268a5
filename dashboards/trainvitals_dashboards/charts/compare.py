"""Any chosen series of several runs over one another.

A run keeps its colour on every page; each series has its own dash style. Name the series in `series=`, with commas.
What to do: look for the step at which the runs part, and compare their configs below.
"""

import plotly.graph_objects as go

from trainvitals_dashboards import canvas, overlay
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader


def draw(reader: Reader, view: View) -> go.Figure:
    """The chosen series; raises NotFound for an unknown run."""
    if not view.series:
        return canvas.empty(view, "Choose a series above: every run that has it is drawn.")
    return overlay.draw(reader, view, {run_id: list(view.series) for run_id in view.runs}, y_title="")
