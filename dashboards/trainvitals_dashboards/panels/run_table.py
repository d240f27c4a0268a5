"""The rows of the runs table."""

import logging
from typing import Any
from weakref import WeakKeyDictionary

from dash import html

from trainvitals_dashboards.colours import stroke
from trainvitals_dashboards.elements import SEVERITY_ICONS, age, spark, status
from trainvitals_dashboards.links import Links
from trainvitals_dashboards.loss_series import last_loss, training_loss
from trainvitals_dashboards.number_format import counted, percent, short, whole
from trainvitals_dashboards.row_cache import RowCache
from trainvitals_dashboards.view import ROWS, ROWS_MAX, View
from trainvitals_dashboards.warning_words import loud_incidents
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import Run, RunPage

log = logging.getLogger(__name__)
POINTS = 40
HEADS = (
    ("", ""), ("run", "name"), ("status", "status"), ("project", "project"), ("step", "last_step"), ("loss", ""),
    ("trend", ""), ("incidents", ""), ("cost", "overhead_fraction"), ("last sign", "last_seen_at"),
)  # fmt: skip
"""Title and, where the table can be sorted by it, the field of a run."""
_trends: WeakKeyDictionary[Reader, RowCache[list[float | None]]] = WeakKeyDictionary()
GREATEST_FIRST = ("last_step", "overhead_fraction", "last_seen_at")


def run_table(reader: Reader, page: RunPage, links: Links, view: View) -> html.Div:
    """The table; blocking reads, call it in a thread."""
    head = html.Thead(html.Tr([_head(title, field, view.sort) for title, field in HEADS]))
    body = html.Tbody([_row(reader, run, links) for run in page["runs"]])
    table = html.Table([head, body], className="runs", **{"aria-label": "Runs"})
    return html.Div([html.Div(table, className="scroll"), _more(page, view)], className="panel")


def _head(title: str, field: str, sort: str) -> html.Th:
    """A heading; a sortable one is a button that sorts by it, and turns the order where it already does."""
    if not field:
        return html.Th(title, scope="col")
    present = sort.removeprefix("-") == field
    first = f"-{field}" if field in GREATEST_FIRST else field
    turned = field if sort.startswith("-") else f"-{field}"
    arrow = ("▼" if sort.startswith("-") else "▲") if present else ""
    button = html.Button(
        [title, html.Span(arrow, className="arrow", **{"aria-hidden": "true"})],
        type="button", className="sort", **{"data-view": "sort", "data-value": turned if present else first},
    )  # fmt: skip
    order = ("descending" if sort.startswith("-") else "ascending") if present else None
    return html.Th(button, scope="col", **({"aria-sort": order} if order else {}))


def _more(page: RunPage, view: View) -> html.P:
    shown, total = len(page["runs"]), page["total"]
    words = f"{whole(shown)} of {counted(total, 'run')}" if shown < total else counted(total, "run")
    if page["next_cursor"] is None:
        return html.P(words, className="quiet more")
    if shown >= ROWS_MAX:
        return html.P(f"{words}; search or filter to find others.", className="quiet more")
    button = html.Button(
        f"Show {ROWS} more", type="button", className="button", **{"data-view": "rows", "data-value": str(shown + ROWS)}
    )
    return html.P([words, button], className="quiet more")


def _row(reader: Reader, run: Run, links: Links) -> html.Tr:
    key = training_loss(run["summary"])
    swatch = html.Span(className="swatch", style={"background": stroke(run["id"]).colour}, **{"aria-hidden": "true"})
    name = html.A([swatch, run["name"]], href=links.run(run["id"]), className="run-name")
    tags = [html.Span(tag, className="tag") for tag in run["tags"][:4]]
    chosen = html.Button(
        "",
        type="button",
        role="checkbox",
        className="pick",
        **{"data-pick": run["id"], "aria-checked": "false", "aria-label": f"Choose {run['name']}"},
    )
    cells: list[Any] = [
        html.Td(chosen),
        html.Th([name, *tags], scope="row"),
        html.Td(status(run["status"])),
        html.Td(run["project"]),
        html.Td(whole(run["last_step"]), className="number"),
        html.Td(short(last_loss(run["summary"])), className="number"),
        html.Td(spark(_kept_trend(reader, run, key))),
        html.Td(_incidents(reader, run)),
        html.Td(percent(run["overhead_fraction"]), className="number"),
        html.Td(age(run["last_seen_at"]), className="number"),
    ]
    return html.Tr(cells, **{"data-run": run["id"]})


def _kept_trend(reader: Reader, run: Run, key: str | None) -> list[float | None]:
    kept = _trends.setdefault(reader, RowCache())
    return kept.get((run["id"], key), (run["status"], run["last_step"]), lambda: _trend(reader, run["id"], key))


def _trend(reader: Reader, run_id: str, key: str | None) -> list[float | None]:
    if key is None:
        return []
    try:
        return reader.data(run_id, [key], points=POINTS)["series"][0]["mean"]
    except NotFound:
        # A summary may name a metric that the user set by hand and never logged.
        return []


def _incidents(reader: Reader, run: Run) -> list[Any]:
    """Incidents by severity, as the run's own page shows them; the warnings behind them are the tooltip."""
    counts = run["warnings"]
    if not counts["critical"] and not counts["warning"]:
        return [html.Span("none", className="quiet")]
    severities = [incident["severity"] for incident in loud_incidents(reader.warnings(run["id"]))]
    behind = f"{whole(counts['critical'])} critical and {counted(counts['warning'], 'warning')} behind"
    told = [
        html.Span(
            [html.Span(SEVERITY_ICONS[word], **{"aria-hidden": "true"}), f" {_told(severities.count(word), word)}"],
            className=f"count tone-{word}",
            title=behind,
        )
        for word in ("critical", "warning")
        if word in severities
    ]
    return told or [html.Span(counted(counts["critical"] + counts["warning"], "warning"), className="quiet")]


def _told(count: int, severity: str) -> str:
    return f"{whole(count)} critical" if severity == "critical" else counted(count, severity)
