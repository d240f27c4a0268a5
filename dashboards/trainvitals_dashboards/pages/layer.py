"""The page of one layer of a run: its facts, its statistics, its warnings, its values."""

from typing import Any

from dash import html

from trainvitals_dashboards.chart_place import chart_place
from trainvitals_dashboards.elements import panel
from trainvitals_dashboards.number_format import ABSENT, TIMES, whole
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages.run import FAMILIES
from trainvitals_dashboards.panels.incidents import incidents
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import NotFound
from trainvitals_wire.records import Layer

PICTURED = "Conv2d"


def layout(context: PageContext, run_id: str, name: str, view: View) -> html.Div:
    """The page; raises NotFound for an unknown run or layer."""
    run, layers = context.reader.run(run_id), context.reader.layers(run_id)
    layer = next((layer for layer in layers if layer["name"] == name), None)
    if layer is None:
        raise NotFound("layer_not_found", f"The run {run['name']} has no layer {name}.")
    links = context.links
    trail = html.Nav(
        [html.A("Runs", href=links.runs()), " / ", html.A(run["name"], href=links.run(run_id))],
        className="trail",
        **{"aria-label": "You are here"},
    )
    charts = [_family(run_id, name, family, title) for family, title in FAMILIES]
    return html.Div(
        [
            html.Header([html.Div([trail, html.H1(name)]), _tools()], className="page-head"),
            _facts(layer),
            _warnings(context, run_id, name),
            panel(
                "Statistics",
                [
                    chart_place(
                        "layer_statistics", [run_id], label=f"Statistics of {name}", follows="axis zoom", height=420
                    )
                ],
            ),
            *_filters(context, run_id, layer),
            html.Div(charts, className="halves"),
        ],
        **{"data-title": f"{name} · {run['name']}", "data-runs": run_id, "data-layer-page": name},
    )


def _tools() -> html.Div:
    live = html.Span(className="live", role="status", **{"data-live": ""})
    return html.Div(
        [live, html.Button("Copy link", type="button", className="button", **{"data-copy-link": ""})], className="tools"
    )


def _family(run_id: str, name: str, family: str, title: str) -> Any:
    label = f"{title} values of {name} over time"
    place = chart_place("histogram", [run_id], label=label, follows="zoom axis", height=260, family=family)
    return panel(title, [place])


def _filters(context: PageContext, run_id: str, layer: Layer) -> list[Any]:
    """The panel of a first convolution's filters; nothing for other layers."""
    name = layer["name"]
    if layer["type"] != PICTURED or not context.reader.facts(run_id, "filters", owner=name):
        return []
    place = chart_place("filters", [run_id], label=f"Filters of {name}", follows="step", height=260)
    slider = html.Div(className="step-slider", hidden=True, **{"data-step-slider": "Step of the filters"})
    return [panel("Filters", [place, slider], note="what the first convolution looks for")]


def _facts(layer: Layer) -> html.Dl:
    shape = f" {TIMES} ".join(str(size) for size in layer["output_shape"] or []) or ABSENT
    facts: list[tuple[str, str, str]] = [("type", layer["type"], ""), ("output", shape, "")]
    for parameter in layer["parameters"]:
        size = f" {TIMES} ".join(str(size) for size in parameter["shape"]) or "1"
        trained = (
            "trained"
            if parameter["trainable"] and parameter["in_optimizer"]
            else "frozen"
            if not parameter["trainable"]
            else "not in the optimizer"
        )
        facts.append((parameter["name"].removeprefix(f"{layer['name']}."), size, trained))
    cells = [
        html.Div(
            [html.Dt(label), html.Dd(value, className="value small"), html.Dd(note or "\u00a0", className="note")],
            className="figure",
        )
        for label, value, note in facts
    ]
    cells.append(
        html.Div(
            [
                html.Dt("place"),
                html.Dd(whole(layer["order"] + 1), className="value small"),
                html.Dd("in forward order", className="note"),
            ],
            className="figure",
        )
    )
    return html.Dl(cells, className="key-figures")


def _warnings(context: PageContext, run_id: str, name: str) -> html.Div:
    found = context.reader.warnings(run_id)
    own = [warning for warning in found["warnings"] if warning["layer"] == name]
    groups = {warning["incident"] for warning in own}
    return incidents({"warnings": own, "incidents": [entry for entry in found["incidents"] if entry["id"] in groups]})
