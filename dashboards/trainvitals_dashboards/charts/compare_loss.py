"""The training loss of several runs over one another, raw faintly and smoothed strongly.

A run keeps its colour on every page. What to do: choose `time` for the x axis to see which run is better for the same
cost, `step` for the same number of updates.
"""

import plotly.graph_objects as go

from trainvitals_dashboards import overlay
from trainvitals_dashboards.loss_series import training_loss
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader


def draw(reader: Reader, view: View) -> go.Figure:
    """The losses; raises NotFound for an unknown run."""
    keys: dict[str, list[str]] = {}
    for run_id in view.runs:
        key = training_loss({entry["key"] for entry in reader.series(run_id)})
        keys[run_id] = [key] if key else []
    return overlay.draw(reader, view, keys, y_title="loss")
