"""What a person looks at: everything the address of a page holds, except its path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

Axis = Literal["step", "time"]
Theme = Literal["dark", "light"]
ValueScale = Literal["auto", "linear", "log"]
SMOOTHINGS = (0.0, 0.6, 0.9, 0.97, 0.99)
SMOOTHING = 0.9
STATISTIC = "gradient_norm"
FAMILY = "gradient"
SORT = "-created_at"
SORTS = ("name", "status", "project", "last_step", "overhead_fraction", "last_seen_at", "created_at")
ROWS, ROWS_MAX = 100, 1000
STEP_DIGITS_MAX = 16


@dataclass(frozen=True, slots=True)
class View:
    """The choices behind a page or a figure; `zoom` is inclusive and in units of the x axis (steps, or minutes)."""

    runs: tuple[str, ...] = ()
    layer: str | None = None
    statistic: str = STATISTIC
    family: str = FAMILY
    series: tuple[str, ...] = ()
    smoothing: float = SMOOTHING
    axis: Axis = "step"
    scale: ValueScale = "auto"
    zoom: tuple[float, float] | None = None
    step: int | None = None
    spread: str = "histogram"
    snapshot: str = "ridgeline"
    theme: Theme = "dark"
    search: str = ""
    project: str = ""
    status: str = ""
    tag: str = ""
    sort: str = SORT
    rows: int = ROWS

    @property
    def step_window(self) -> tuple[int | None, int | None]:
        """First and last step of the zoom; open where there is none, or where it is one of time."""
        if self.zoom is None or self.axis == "time":
            return None, None
        return max(0, int(self.zoom[0])), max(0, int(self.zoom[1]) + 1)


def parse(query: str) -> View:
    """The view of a query string; what cannot be read falls back to its default, so that an old link still opens."""
    fields = dict(parse_qsl(query.lstrip("?"), max_num_fields=50))
    return View(
        runs=_split(fields.get("runs", "")),
        layer=fields.get("layer") or None,
        statistic=fields.get("statistic") or STATISTIC,
        family=fields.get("family") or FAMILY,
        series=_split(fields.get("series", "")),
        smoothing=_smoothing(fields),
        axis="time" if fields.get("axis") == "time" else "step",
        scale=_scale(fields.get("scale", "")),
        zoom=_zoom(fields.get("zoom", "")),
        step=_step(fields.get("step", "")),
        spread="quantiles" if fields.get("spread") == "quantiles" else "histogram",
        snapshot="histogram_step" if fields.get("snapshot") == "histogram_step" else "ridgeline",
        theme="light" if fields.get("theme") == "light" else "dark",
        search=fields.get("search", ""),
        project=fields.get("project", ""),
        status=fields.get("status", ""),
        tag=fields.get("tag", ""),
        sort=_sort(fields.get("sort", "")),
        rows=_rows(fields.get("rows", "")),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in text.split(",") if part))


def _smoothing(fields: Mapping[str, str]) -> float:
    try:
        value = float(fields.get("smoothing", SMOOTHING))
    except ValueError:
        return SMOOTHING
    return value if 0 <= value < 1 else SMOOTHING


def _scale(text: str) -> ValueScale:
    return "linear" if text == "linear" else "log" if text == "log" else "auto"


def _sort(text: str) -> str:
    return text if text.removeprefix("-") in SORTS else SORT


def _rows(text: str) -> int:
    return min(ROWS_MAX, max(ROWS, _step(text) or 0))


def _step(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= STEP_DIGITS_MAX else None


def _zoom(text: str) -> tuple[float, float] | None:
    first, _, last = text.partition("_")
    try:
        window = float(first), float(last)
    except ValueError:
        return None
    return window if abs(window[0]) < window[1] < 2**53 else None
