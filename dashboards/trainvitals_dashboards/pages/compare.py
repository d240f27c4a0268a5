"""Several runs over one another: loss, chosen series, and where their configs differ."""

from typing import Any

from dash import html

from trainvitals_dashboards.chart_place import chart_place
from trainvitals_dashboards.colours import strokes
from trainvitals_dashboards.elements import line_controls, panel, status
from trainvitals_dashboards.loss_series import last_loss
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.panels.config_differences import config_differences
from trainvitals_dashboards.view import View
from trainvitals_wire.records import RunDetail

RUNS_MAX = 12
SERIES_MAX = 400


def layout(context: PageContext, view: View) -> html.Div:
    """The page; raises NotFound for an unknown run."""
    run_ids = view.runs[:RUNS_MAX]
    if not run_ids:
        return _nothing_chosen(context)
    runs = [context.reader.run(run_id) for run_id in run_ids]
    return html.Div(
        [
            html.Header([html.H1("Compare"), _tools()], className="page-head"),
            _legend(context, runs),
            _overlay(run_ids, view),
            _chosen(context, run_ids, view),
            panel("Config", [config_differences(runs)], note="values that differ"),
        ],
        **{"data-title": "Compare", "data-runs": ",".join(run_ids)},
    )


def _nothing_chosen(context: PageContext) -> html.Div:
    text = "Choose two or more runs in the table of runs, then press Compare."
    back = html.P(html.A("All runs", href=context.links.runs(), className="button"))
    return html.Div([html.H1("Compare"), html.P(text), back], className="centre", **{"data-title": "Compare"})


def _tools() -> html.Div:
    live = html.Span(className="live", role="status", **{"data-live": ""})
    copy = html.Button("Copy link", type="button", className="button", **{"data-copy-link": ""})
    png = html.Button("PNG", type="button", className="button", **{"data-png": "compare"})
    return html.Div([live, copy, png], className="tools")


def _legend(context: PageContext, runs: list[RunDetail]) -> html.Ul:
    drawn = strokes(run["id"] for run in runs)
    return html.Ul([_entry(context, run, drawn[run["id"]].colour) for run in runs], className="legend")


def _entry(context: PageContext, run: RunDetail, colour: str) -> html.Li:
    swatch = html.Span(className="swatch", style={"background": colour}, **{"aria-hidden": "true"})
    name = html.A(run["name"], href=context.links.run(run["id"]))
    facts = f"step {whole(run['last_step'])} · loss {short(last_loss(run['summary']))}"
    return html.Li([swatch, name, status(run["status"]), html.Span(facts, className="quiet")])


def _overlay(run_ids: tuple[str, ...], view: View) -> Any:
    place = chart_place(
        "compare_loss", run_ids, label="Loss of the chosen runs", follows="smoothing scale axis zoom", height=340
    )
    return panel("Loss", [place], tools=[line_controls(view)])


def _chosen(context: PageContext, run_ids: tuple[str, ...], view: View) -> Any:
    keys = sorted(
        {entry["key"] for run_id in run_ids for entry in context.reader.series(run_id) if entry["kind"] != "histogram"}
    )
    metrics = [key for key in keys if "/" not in key] + [key for key in keys if "/" in key]
    options = [("", "Add a series …"), *((key, key) for key in metrics[:SERIES_MAX])]
    place = chart_place(
        "compare",
        run_ids,
        label="Chosen series of the chosen runs",
        follows="series smoothing scale axis zoom",
        height=320,
    )
    adder = html.Select([html.Option(text, value=value) for value, text in options], className="choice",
                        **{"data-add": "series", "aria-label": "Add a series"})  # fmt: skip
    chips = html.Div(className="chips", **{"data-chips": "series"})
    return panel("Chosen series", [chips, place], tools=[html.Div([adder], className="panel-tools")])
