"""The row of key figures at the top of a run page."""

import math
from dataclasses import dataclass
from typing import Any

from dash import html

from trainvitals_dashboards.loss_series import training_loss, validation_loss
from trainvitals_dashboards.number_format import ABSENT, TIMES, counted, percent, short, whole
from trainvitals_dashboards.warning_words import loud_incidents, worst_by_layer
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import RunDetail, SeriesPoints, Warnings

POINTS = 60
RECENT = 12
"""Buckets of the newest fifth of a run, against which the trend is told."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure; `tone` is empty, `critical` or `warning`."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


def key_figures(reader: Reader, run: RunDetail, warnings: Warnings, layer_count: int) -> html.Dl:
    """The figures of a run; blocking reads, call it in a thread."""
    keys = [entry["key"] for entry in reader.series(run["id"])]
    train, validation = training_loss(keys), validation_loss(keys)
    wanted = [key for key in (train, validation, "gradient_norm_total", "step_seconds") if key and key in keys]
    points = (
        {entry["key"]: entry for entry in reader.data(run["id"], wanted, points=POINTS)["series"]} if wanted else {}
    )
    figures = [
        Figure("step", whole(run["last_step"])),
        _loss("train loss", points.get(train or "")),
        *([_loss("validation loss", points[validation])] if validation in points else []),
        _gradient(points.get("gradient_norm_total"), watched=layer_count > 0),
        _throughput(points.get("step_seconds")),
        _cost(run),
        _flagged(warnings, layer_count),
        *_dropped(run),
    ]
    return html.Dl([_cell(figure) for figure in figures], className="key-figures")


def _cell(figure: Figure) -> html.Div:
    parts: list[Any] = [html.Dt(figure.label), html.Dd(figure.value, className="value")]
    return html.Div([*parts, html.Dd(figure.note or "\u00a0", className="note")], className=f"figure {figure.tone}")


def _finite(points: SeriesPoints | None) -> list[float]:
    return [value for value in points["mean"] if value is not None and math.isfinite(value)] if points else []


def _loss(label: str, points: SeriesPoints | None) -> Figure:
    values = _finite(points)
    if points is None or not values:
        return Figure(label, ABSENT, "not logged yet")
    if points["nonfinite"] and points["nonfinite"][-1]:
        return Figure(label, "NaN", f"not finite at step {whole(points['steps'][-1])}", "critical")
    if len(values) <= RECENT:
        return Figure(label, short(values[-1]), f"at step {whole(points['steps'][-1])}")
    change = values[-1] - values[-1 - RECENT]
    arrow = "▲" if change > 0 else "▼"
    since = whole(points["steps"][-1 - RECENT])
    return Figure(label, short(values[-1]), f"{arrow} {short(abs(change))} since step {since}")


def _gradient(points: SeriesPoints | None, *, watched: bool) -> Figure:
    values = _finite(points)
    if not values:
        return Figure("global grad norm", ABSENT, "no gradient so far" if watched else "watch(model) measures it")
    median = sorted(values)[len(values) // 2]
    ratio = values[-1] / median if median > 0 else 1.0
    tone = "critical" if ratio > 30 else "warning" if ratio > 10 else ""
    mark = "▲ " if ratio > 3 else "▼ " if ratio < 1 / 3 else ""
    return Figure("global grad norm", short(values[-1]), f"{mark}{ratio:.2g}{TIMES} median", tone)


def _throughput(points: SeriesPoints | None) -> Figure:
    values = [value for value in _finite(points) if value > 0]
    if not values:
        return Figure("throughput", ABSENT)
    recent = sorted(values[-RECENT:])
    median = recent[len(recent) // 2]
    return Figure("throughput", f"{short(1 / median)} steps/s", f"{short(1000 * median)} ms a step")


def _cost(run: RunDetail) -> Figure:
    capture = run["capture"]
    if capture.get("mode") == "off":
        chosen = capture.get("reason") == "log=None"
        note = "log=None" if chosen else f"the watch turned itself off after {capture.get('reason')}"
        return Figure("cost of watching", "off", note, "" if chosen else "warning")
    interval = capture.get("interval")
    note = f"measured each {whole(interval)} steps" if isinstance(interval, int) and interval > 1 else ""
    note = "measured each step" if interval == 1 else note
    return Figure("cost of watching", percent(run["overhead_fraction"]), note)


def _flagged(warnings: Warnings, layer_count: int) -> Figure:
    worst = [entry for entry in worst_by_layer(warnings["warnings"]).values() if entry["severity"] != "note"]
    loud = loud_incidents(warnings)
    critical = sum(incident["severity"] == "critical" for incident in loud)
    tone = "critical" if critical else "warning" if worst or loud else ""
    note = counted(len(loud), "incident") if loud else counted(len(worst), "warning") if worst else "all healthy"
    note += f", {critical} critical" if critical else ""
    return Figure("layers flagged", f"{len(worst)} / {layer_count}", note if layer_count or loud else "", tone)


def _dropped(run: RunDetail) -> list[Figure]:
    lost = {reason: count for reason, count in run["dropped"].items() if count}
    if not lost:
        return []
    note = ", ".join(f"{reason.replace('_', ' ')} {whole(count)}" for reason, count in lost.items())
    return [Figure("values not kept", whole(sum(lost.values())), note, "warning")]
