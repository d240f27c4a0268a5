"""The table of all runs, or, where there are none, how to make one."""

from typing import Any

from dash import dcc, html

from trainvitals_dashboards import run_pages
from trainvitals_dashboards.elements import STATUS_ICONS
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.panels.first_steps import first_steps
from trainvitals_dashboards.panels.run_table import run_table
from trainvitals_dashboards.tree import grown, tree
from trainvitals_dashboards.view import View
from trainvitals_wire.records import Run

STORE = "runs-news"
PANELS = ("runs-table",)
WATCHED_MAX = 100
"""News of so many runs refreshes the table at once; that of older ones waits for the next look."""


def layout(context: PageContext, view: View) -> html.Div:
    """The page."""
    every = list(run_pages.newest(context.reader))
    live = html.Span(className="live", role="status", **{"data-live": ""})
    return html.Div(
        [
            dcc.Store(id=STORE),
            html.Header([html.H1("Runs"), live], className="page-head"),
            _filters(every, view),
            grown("runs-table", panels(context, view)[0]),
        ],
        **{
            "data-title": "Runs", "data-news": STORE,
            "data-runs": ",".join(run["id"] for run in every[:WATCHED_MAX]),
            "data-look-seconds": f"{context.settings.runs_seconds}",
            "data-panels-follow": "search project status tag sort rows",
        },
    )  # fmt: skip


def panels(context: PageContext, view: View) -> list[str]:
    """The tree of the table for the chosen filters."""
    page = run_pages.shown(context.reader, view)
    if page["runs"]:
        return [tree(run_table(context.reader, page, context.links, view))]
    if view.search or view.project or view.status or view.tag:
        return [tree(html.P("No run fits these filters.", className="panel quiet"))]
    return [tree(first_steps(context.settings.server_address))]


def _filters(every: list[Run], view: View) -> html.Div:
    projects = sorted({run["project"] for run in every})
    tags = sorted({tag for run in every for tag in run["tags"]})
    return html.Div(
        [
            html.Label([html.Span("Search", className="visually-hidden"), _search(view)]),
            _filter("project", "All projects", projects),
            _filter("status", "Any status", list(STATUS_ICONS)),
            _filter("tag", "Any tag", tags),
            html.Button("Compare", type="button", className="button primary", disabled=True, **{"data-compare": ""}),
        ],
        className="filters",
        role="search",
    )


def _search(view: View) -> Any:
    return dcc.Input(
        id="search", type="text", placeholder="Search names", value=view.search, className="search", debounce=False
    )


def _filter(field: str, all_text: str, values: list[str]) -> html.Select:
    options = [html.Option(all_text, value=""), *(html.Option(value, value=value) for value in values)]
    return html.Select(options, className="choice", **{"data-view": field, "aria-label": all_text})
