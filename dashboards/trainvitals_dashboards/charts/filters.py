"""The filters of the first convolution, as pictures at one step, which a slider chooses.

Shows what the network looks for in its input. What to do: trained filters are smooth edges, blobs and colours; noise
that stays noise has been trained too little or regularised too little, and filters that stay as they began are dead.
"""

import base64
import math
from itertools import product

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from trainvitals_dashboards import canvas
from trainvitals_dashboards.number_format import whole
from trainvitals_dashboards.view import View
from trainvitals_wire.names import series_key
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import Fact

OPAQUE = 255
GAP = 1
"""Pixels between two filters."""


def draw(reader: Reader, view: View) -> go.Figure:
    """The snapshot nearest to the view's step, else the last one; raises NotFound for an unknown run."""
    found = reader.facts(view.runs[0], "filters", owner=view.layer)
    if not found:
        return canvas.empty(view, "No filters of this layer yet: they come with deep steps.")
    steps = [fact["step"] for fact in found]
    place = len(steps) - 1
    if view.step is not None:
        place = int(np.argmin(np.abs(np.asarray(steps) - view.step)))
    details = found[place]["details"]
    count, channels, height, width = details["shape"]
    seen = "in colour" if channels > 1 else "of its first channel" if details["channels"] > 1 else "in grey"
    summary = (
        f"{count} of {details['filters']} filters of {found[place]['owner']} at step {whole(steps[place])}, "
        f"{height} by {width}, {seen}; black is {details['low']:.3g}, white {details['high']:.3g}."
    )
    chart = canvas.figure(view, summary=summary, x_title="", live=False)
    key = series_key("weight", details["parameter"] or found[place]["owner"])
    meta = {"run": view.runs[0], "series": key, "reduce": "news"}
    chart.add_trace(go.Image(z=_tiles(found[place]), colormodel="rgba", hoverinfo="skip", meta=meta))
    chart.update_layout(margin={"l": 4, "r": 4, "t": 4, "b": 4})
    chart.update_xaxes(visible=False, constrain="domain")
    chart.update_yaxes(visible=False, constrain="domain")
    canvas.add_meta(chart, steps=steps, place=place)
    return chart


def _tiles(fact: Fact) -> NDArray[np.uint8]:
    """All filters side by side, about twice as many across as down, with transparent gaps [height, width, 4]."""
    count, channels, height, width = fact["details"]["shape"]
    values = np.frombuffer(base64.b64decode(fact["details"]["values"]), np.uint8).reshape(
        count, channels, height, width
    )
    columns = min(count, math.ceil(math.sqrt(2 * count)))
    rows = math.ceil(count / columns)
    tiles = np.zeros((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for (row, column), kernel in zip(product(range(rows), range(columns)), values, strict=False):
        top, left = row * (height + GAP), column * (width + GAP)
        tiles[top : top + height, left : left + width, :3] = np.moveaxis(kernel, 0, -1)
        tiles[top : top + height, left : left + width, 3] = OPAQUE
    return tiles
