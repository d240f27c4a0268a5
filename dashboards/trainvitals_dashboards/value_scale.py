"""Whether the values of a chart of lines are drawn on a linear or a logarithmic axis."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards.series_lines import Floats
from trainvitals_dashboards.view import View

RATIO_MAX = 1e3
"""Greatest over least value from which a linear axis shows one line and a flat rest."""
NOT_POSITIVE_SHARE_MAX = 0.02
"""More values than this that a logarithm cannot show keep the axis linear, unless somebody chose it."""


def logarithmic(view: View, values: Iterable[Floats]) -> bool:
    """What the view chooses; by itself, where positive values span more than three orders of magnitude."""
    every = np.concatenate([*values, np.empty(0)])
    finite = every[np.isfinite(every)]
    positive = finite[finite > 0]
    if len(positive) == 0 or view.scale == "linear":
        return False
    if view.scale == "log":
        return True
    shown = 1 - len(positive) / len(finite) <= NOT_POSITIVE_SHARE_MAX
    return shown and float(positive.max()) > RATIO_MAX * float(positive.min())


def lay_out(chart: go.Figure, log: bool) -> None:
    """Give the value axis its type."""
    if log:
        chart.update_yaxes(type="log", exponentformat="power", nticks=6)
