"""Lines of series: points read in buckets, smoothed, and marked so that the page's script can let them grow."""

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from trainvitals_dashboards.view import View
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import SeriesPoints

POINTS = 2_000
"""Points a line starts with; the page asks again once live points have doubled them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A series ready to be drawn; `x` in steps or minutes since the start, equal lengths."""

    run: str
    key: str
    steps: Floats
    x: Floats
    y: Floats
    start: float
    decimated: bool


def read(reader: Reader, view: View, run_id: str, keys: list[str], start: float) -> list[Line]:
    """The lines of several series of a run, in the order of the keys; unknown keys are left out."""
    if not keys:
        return []
    first, last = view.step_window
    try:
        points = reader.data(run_id, keys, first_step=first, last_step=last, points=POINTS)["series"]
    except NotFound as error:
        if error.code != "series_not_found":
            raise
        return [line for key in keys if len(keys) > 1 for line in read(reader, view, run_id, [key], start)]
    return [_line(entry, view, run_id, start) for entry in points]


def _line(entry: SeriesPoints, view: View, run_id: str, start: float) -> Line:
    steps = np.asarray(entry["steps"], dtype=np.float64)
    minutes = (np.asarray(entry["times"], dtype=np.float64) - start) / 60
    mean = np.array([np.nan if value is None else value for value in entry["mean"]], dtype=np.float64)
    decimated = any(count > 1 for count in entry["count"])
    return Line(run_id, entry["key"], steps, minutes if view.axis == "time" else steps, mean, start, decimated)


def smooth(values: Floats, smoothing: float) -> Floats:
    """The exponential moving average over points, corrected for its start (Kingma and Ba 2015, section 3).

    A value that is not finite leaves a gap of its own and does not touch the average.
    """
    average, weight = 0.0, 0.0
    result = np.full(len(values), np.nan)
    for place, value in enumerate(values.tolist()):
        if not np.isfinite(value):
            continue
        average = smoothing * average + (1 - smoothing) * value
        weight = smoothing * weight + (1 - smoothing)
        result[place] = average / weight
    return result


def trace(line: Line, /, *, smoothing: float = 0.0, name: str = "", **style: Any) -> go.Scatter:
    """A plotly line whose `meta` names its series; with `smoothing` the script goes on averaging."""
    meta = {
        "run": line.run,
        "series": line.key,
        "reduce": "ema" if smoothing else "mean",
        "smoothing": smoothing,
        "start": line.start,
        "decimated": line.decimated,
    }
    return go.Scatter(
        x=line.x,
        y=smooth(line.y, smoothing) if smoothing else line.y,
        customdata=line.steps,
        mode=style.pop("mode", "lines"),
        name=html.escape(name or line.key),
        meta=meta,
        hovertemplate="%{y:.4g}<extra>%{fullData.name}</extra>",
        **style,
    )
