"""The layout that all charts share."""

import textwrap
from typing import Any

import plotly.graph_objects as go

from trainvitals_dashboards.colours import INKS
from trainvitals_dashboards.view import View

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
MINUTES = "minutes since the start"
LINE_LENGTH = 40
"""Characters of a sentence in a chart that a telephone shows; plotly breaks no lines."""


def figure(view: View, *, summary: str, x_title: str | None = None, y_title: str = "", live: bool = True) -> go.Figure:
    """An empty figure with the theme's colours; `summary` is the one sentence that says what the chart shows.

    `layout.meta` tells the page's script the unit of the x axis and whether a zoom of it is shared with other charts.
    """
    ink = INKS[view.theme]
    axis = {
        "gridcolor": ink.grid,
        "zeroline": False,
        "linecolor": ink.grid,
        "automargin": True,
        "ticks": "",
        "exponentformat": "power",
    }
    shared = x_title is None
    title = x_title if x_title is not None else MINUTES if view.axis == "time" else "step"
    zoom = {"range": list(view.zoom), "autorange": False} if shared and view.zoom else {}
    return go.Figure(
        layout={
            "template": None,
            "font": {"family": FONT, "size": 12, "color": ink.muted},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 44, "r": 12, "t": 8, "b": 36},
            "showlegend": False,
            "hovermode": "x",
            "hoverlabel": {
                "bgcolor": ink.surface, "bordercolor": ink.grid, "font": {"color": ink.text, "family": FONT},
            },
            "dragmode": "zoom",
            "uirevision": "kept",
            "xaxis": {**axis, **zoom, "title": {"text": title, "standoff": 6}},
            "yaxis": {**axis, "title": {"text": y_title, "standoff": 6}, "fixedrange": True},
            "meta": {"summary": summary, "axis": view.axis if shared else "own", "zoom": shared, "live": live},
        }
    )  # fmt: skip


def by_step(chart: go.Figure) -> None:
    """For what is known by step alone: where the view's axis is time, an x axis of its own that shares no zoom."""
    if chart.layout.meta["axis"] == "time":
        chart.update_layout(xaxis={"title": {"text": "step"}, "autorange": True})
        add_meta(chart, axis="step", zoom=False)


def add_meta(chart: go.Figure, **meta: Any) -> None:
    """Tell the script more; plotly itself would replace what it was told before."""
    chart.layout.meta = {**chart.layout.meta, **meta}


def empty(view: View, text: str) -> go.Figure:
    """A chart that says why there is nothing to see yet."""
    chart = figure(view, summary=text)
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False)
    note: dict[str, Any] = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    lines = textwrap.wrap(text, LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
    chart.add_annotation(text="<br>".join(lines), font={"size": 13}, **note)
    return chart
