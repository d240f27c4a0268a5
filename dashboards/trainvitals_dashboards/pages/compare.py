"""Several runs over one another: loss, chosen series, and where their configs differ."""

import json
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
            _chosen(context, run_ids),
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


def _chosen(context: PageContext, run_ids: tuple[str, ...]) -> Any:
    place = chart_place(
        "compare", run_ids, label="Chosen series of the chosen runs", follows="series smoothing scale axis zoom",
        height=320, empty_height=64,
    )  # fmt: skip
    picker = html.Div(className="panel-tools", **{"data-series-keys": json.dumps(_keys(context, run_ids))})
    chips = html.Div(className="chips", **{"data-chips": "series"})
    return panel("Chosen series", [chips, place], tools=[picker])


def _keys(context: PageContext, run_ids: tuple[str, ...]) -> list[str]:
    """The series of all runs: first metrics, then one statistic after the other."""
    found = {
        entry["key"] for run_id in run_ids for entry in context.reader.series(run_id) if entry["kind"] != "histogram"
    }
    return sorted(found, key=lambda key: ("/" in key, key))
