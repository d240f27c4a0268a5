"""Small pieces of page that several pages use."""

from collections.abc import Sequence
from typing import Any

from dash import html

from trainvitals_dashboards import sparkline
from trainvitals_dashboards.view import SMOOTHINGS, View

STATUS_ICONS = {
    "running": "●", "stale": "◌", "finished": "✓", "failed": "✕", "crashed": "✕", "aborted": "■",
}  # fmt: skip
STATUS_MEANINGS = {
    "running": "The script sends.",
    "stale": "No sign of life for a while: the script may be hanging, or the network is away.",
    "finished": "The script ended well.",
    "failed": "The script ended with an exception.",
    "crashed": "The script vanished without a word: killed, out of memory, or the machine went down.",
    "aborted": "The script was interrupted by hand.",
}
SEVERITY_ICONS = {"critical": "▲", "warning": "◆", "note": "○"}


def status(word: str) -> html.Span:
    """A run's status: icon, word, and what it means as a tooltip."""
    return html.Span(
        [html.Span(STATUS_ICONS.get(word, "○"), className="icon", **{"aria-hidden": "true"}), word],
        className=f"status status-{word}",
        title=STATUS_MEANINGS.get(word, ""),
    )


def panel(title: str, children: Sequence[Any], *, note: str = "", tools: Sequence[Any] = (), name: str = "") -> Any:
    """A titled box; `name` is its class, `tools` stand at the right of its title."""
    heading = html.H2([title, html.Span(note, className="note")] if note else title)
    return html.Section(
        [html.Header([heading, *tools], className="panel-head"), *children],
        className=f"panel {name}".strip(),
        **{"aria-label": title},
    )


def switch(field: str, choices: Sequence[tuple[str, str]], chosen: str, label: str) -> html.Div:
    """A row of buttons that set one field of the view; the script marks the one that is on."""
    buttons = [
        html.Button(
            text,
            type="button",
            **{"data-view": field, "data-value": value, "aria-pressed": "true" if value == chosen else "false"},
        )
        for value, text in choices
    ]
    return html.Div(buttons, className="switch", role="group", **{"aria-label": label})


def choice(field: str, choices: Sequence[tuple[str, str]], label: str) -> html.Select:
    """A drop-down that sets one field of the view."""
    options = [html.Option(text, value=value) for value, text in choices]
    return html.Select(options, className="choice", **{"data-view": field, "aria-label": label})


def line_controls(view: View) -> html.Div:
    """How a chart of lines is drawn: smoothing, scale of the values, x axis."""
    smoothings = [(f"{value:g}", f"EMA {value:g}" if value else "no smoothing") for value in SMOOTHINGS]
    scales = (("auto", "Auto"), ("linear", "Lin"), ("log", "Log"))
    return html.Div(
        [
            choice("smoothing", smoothings, "Smoothing"),
            switch("scale", scales, view.scale, "Scale of the values"),
            switch("axis", (("step", "Step"), ("time", "Time")), view.axis, "x axis"),
        ],
        className="panel-tools",
    )


def spark(values: Sequence[float | None], *, logarithm: bool = False, tone: str = "healthy") -> html.Span:
    """A sparkline; decoration, the value stands beside it."""
    return html.Span(
        className=f"spark tone-{tone}",
        **{"data-path": sparkline.path(values, logarithm=logarithm), "aria-hidden": "true"},
    )


def age(since: float | None) -> html.Span:
    """A time since, which the script keeps ticking; `since` in seconds since 1970."""
    return html.Span(className="age", **{"data-since": "" if since is None else f"{since:.3f}"})
