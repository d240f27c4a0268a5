"""The rows of the runs table."""

import logging
from typing import Any

from dash import html

from trainvitals_dashboards.colours import stroke
from trainvitals_dashboards.elements import SEVERITY_ICONS, age, spark, status
from trainvitals_dashboards.links import Links
from trainvitals_dashboards.loss_series import last_loss, training_loss
from trainvitals_dashboards.number_format import counted, percent, short, whole
from trainvitals_dashboards.warning_words import loud_incidents
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import Run, RunPage

log = logging.getLogger(__name__)
POINTS = 40
HEADS = ("", "run", "status", "project", "step", "loss", "trend", "incidents", "cost", "last sign")


def run_table(reader: Reader, page: RunPage, links: Links) -> html.Div:
    """The table; blocking reads, call it in a thread."""
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in HEADS]))
    body = html.Tbody([_row(reader, run, links) for run in page["runs"]])
    shown, total = len(page["runs"]), page["total"]
    more = html.P(f"{shown} of {total} runs; search to find others.", className="quiet") if total > shown else None
    table = html.Table([head, body], className="runs", **{"aria-label": "Runs"})
    return html.Div([html.Div(table, className="scroll"), more], className="panel")


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
        html.Td(spark(_trend(reader, run["id"], key))),
        html.Td(_incidents(reader, run)),
        html.Td(percent(run["overhead_fraction"]), className="number"),
        html.Td(age(run["last_seen_at"]), className="number"),
    ]
    return html.Tr(cells, **{"data-run": run["id"]})


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
