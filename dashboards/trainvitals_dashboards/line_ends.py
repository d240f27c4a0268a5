"""The names of lines, written at their last points: easier to read than a legend, and never over each other."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from trainvitals_dashboards.colours import lettering
from trainvitals_dashboards.series_lines import Floats, Line
from trainvitals_dashboards.view import View

PLOT_WIDTH, PLOT_HEIGHT = 700.0, 210.0
"""Pixels of a plot, about; the page's script places the names again once it knows (`13_line_ends.js`)."""
NAME_HEIGHT, LETTER_WIDTH, ABOVE = 14.0, 6.4, 9.0
LEFT_PART = 0.35
"""A line that ends so far left has its name at its right."""


@dataclass(frozen=True, slots=True)
class LineEnd:
    """A line with the name to write; `y` is what is drawn of it, such as its average."""

    line: Line
    y: Floats
    text: str
    colour: str


@dataclass(slots=True)
class _Place:
    end: LineEnd
    x: float
    y: float
    left: float
    right: float
    pixel: float
    shift: float = 0.0


def name_ends(chart: go.Figure, view: View, ends: Sequence[LineEnd], *, logarithmic: bool = False) -> None:
    """Write the names; on a logarithmic axis plotly wants the place of a text as a logarithm."""
    for place in _spread(_places(ends, logarithmic)):
        chart.add_annotation(
            name=f"end:{place.end.line.run}:{place.end.line.key}", text=html.escape(place.end.text),
            x=place.x, y=place.y, xanchor="left" if place.left == place.x else "right", yanchor="middle",
            yshift=place.shift, showarrow=False,
            font={"color": lettering(place.end.colour, view.theme), "size": 11},
        )  # fmt: skip


def _places(ends: Sequence[LineEnd], logarithmic: bool) -> list[_Place]:
    drawn = [(end, _coordinates(end.y, logarithmic)) for end in ends]
    drawn = [(end, y) for end, y in drawn if np.isfinite(y).any()]
    if not drawn:
        return []
    every = np.concatenate([y[np.isfinite(y)] for _, y in drawn])
    low, height = float(every.min()), max(float(np.ptp(every)), 1e-12)
    first = min(float(end.line.x[0]) for end, _ in drawn)
    width = max(max(float(end.line.x[-1]) for end, _ in drawn) - first, 1e-12)
    found = []
    for end, y in drawn:
        last = int(np.flatnonzero(np.isfinite(y))[-1])
        x, across = float(end.line.x[last]), LETTER_WIDTH * len(end.text) * width / PLOT_WIDTH
        left = x if x - first < LEFT_PART * width else x - across
        pixel = (float(y[last]) - low) / height * PLOT_HEIGHT
        found.append(_Place(end, x, float(y[last]), left, left + across, pixel))
    return found


def _coordinates(y: Floats, logarithmic: bool) -> Floats:
    if not logarithmic:
        return y
    return np.log10(np.where(y > 0, y, np.nan))


def _spread(places: list[_Place]) -> list[_Place]:
    """Each name a little above its line's end, and above the names below it that would touch it."""
    done: list[_Place] = []
    for place in sorted(places, key=lambda place: place.pixel):
        others = [other for other in done if other.left < place.right and place.left < other.right]
        lowest = max((other.pixel + other.shift + NAME_HEIGHT for other in others), default=-np.inf)
        place.shift = float(max(place.pixel + ABOVE, lowest)) - place.pixel
        done.append(place)
    return done
