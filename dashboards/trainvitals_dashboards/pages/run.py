"""The page of one run: what it is, how it does, what is wrong, and where."""

from typing import Any

from dash import dcc, html

from trainvitals_dashboards.chart_place import chart_place
from trainvitals_dashboards.elements import age, choice, line_controls, panel, status, switch
from trainvitals_dashboards.heatmap_rows import chart_pixels
from trainvitals_dashboards.number_format import TIMES
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.panels.failure import failure
from trainvitals_dashboards.panels.incidents import incidents
from trainvitals_dashboards.panels.key_figures import key_figures
from trainvitals_dashboards.panels.layer_table import layer_table
from trainvitals_dashboards.panels.mutes import mute_list
from trainvitals_dashboards.panels.ranks import ranks
from trainvitals_dashboards.panels.rules import rules
from trainvitals_dashboards.scales import SCALES
from trainvitals_dashboards.tree import grown, tree
from trainvitals_dashboards.view import View

STORE = "run-news"
PANELS = ("run-status", "run-failure", "run-figures", "run-incidents", "run-layers")
MAIN_STATISTICS = ("gradient_norm", "activation_std", "update_ratio")
FAMILIES = (("gradient", "Gradient"), ("weight", "Weight"), ("activation", "Activation"), ("update", "Update"))

LAYERS_A_SECOND = 400
"""The panels of more layers refresh less often: those of 2,000 take the server half a second."""


def layout(context: PageContext, run_id: str, view: View) -> html.Div:
    """The page; raises NotFound."""
    run = context.reader.run(run_id)
    first = dict(zip(PANELS, panels(context, run_id), strict=True))
    layers = len(context.reader.layers(run_id))
    return html.Div(
        [
            dcc.Store(id=STORE),
            _head(context, run, first["run-status"]),
            grown("run-failure", first["run-failure"]),
            grown("run-figures", first["run-figures"]),
            grown("run-incidents", first["run-incidents"]),
            html.Div([_loss(run_id, view), _learning_rate(run_id)], className="two-thirds"),
            _heatmap(run_id, view, layers),
            html.Div([_table(first["run-layers"]), _layer(run_id, view)], className="two-thirds tall"),
        ],
        **{
            "data-title": run["name"], "data-news": STORE, "data-runs": run_id,
            "data-panel-seconds": f"{max(context.settings.panel_seconds, layers / LAYERS_A_SECOND):g}",
        },
    )  # fmt: skip


def panels(context: PageContext, run_id: str) -> list[str]:
    """The trees of the parts that news refreshes, in the order of PANELS; raises NotFound."""
    reader = context.reader
    run, warnings, layers = reader.run(run_id), reader.warnings(run_id), reader.layers(run_id)
    parts = [
        [part for part in (status(run["status"]), age(run["last_seen_at"]), ranks(run)) if part is not None],
        failure(run),
        key_figures(reader, run, warnings, len(layers)),
        [
            incidents(warnings),
            mute_list(reader.mutes(run_id), warnings["warnings"]),
            rules(warnings.get("rules", ())),
        ],
        layer_table(reader, run_id, layers, warnings, context.links),
    ]
    return [tree(part) for part in parts]


def _head(context: PageContext, run: Any, state: str) -> html.Header:
    trail = html.Nav(
        [html.A("Runs", href=context.links.runs()), " / ", html.Span(run["project"])],
        className="trail",
        **{"aria-label": "You are here"},
    )
    tools = html.Div(
        [
            html.Span(className="live", role="status", **{"data-live": ""}),
            html.Button("Copy link", type="button", className="button", **{"data-copy-link": ""}),
            html.Button(
                "PNG",
                type="button",
                className="button",
                title="Save the charts as a picture",
                **{"data-png": run["name"]},
            ),
        ],
        className="tools",
    )
    title = html.Div([html.H1(run["name"]), grown("run-status", state, "state")], className="title")
    return html.Header([html.Div([trail, title]), tools], className="page-head")


def _loss(run_id: str, view: View) -> Any:
    place = chart_place("loss", [run_id], label="Loss", follows="smoothing scale axis zoom")
    return panel("Loss", [place], note="train · validation", tools=[line_controls(view)])


def _learning_rate(run_id: str) -> Any:
    return panel("Learning rate", [chart_place("learning_rate", [run_id], label="Learning rate", follows="axis zoom")])


def _heatmap(run_id: str, view: View, layers: int) -> Any:
    main = [(name, SCALES[name].title) for name in MAIN_STATISTICS]
    more = [("", "More …"), *((name, scale.title) for name, scale in SCALES.items() if name not in MAIN_STATISTICS)]
    tools = html.Div(
        [switch("statistic", main, view.statistic, "Statistic"), choice("statistic", more, "More statistics")],
        className="panel-tools",
    )
    place = chart_place(
        "layers", [run_id], label="Layers by steps", follows="statistic zoom axis", height=chart_pixels(layers)
    )
    return panel(
        f"Layers {TIMES} steps",
        [place],
        note="one row a layer, input at the top · click a row for detail",
        tools=[tools],
    )


def _table(first: str) -> Any:
    table = grown("run-layers", first, "scroll")
    finder = html.Div(className="panel-tools", **{"data-layer-finder": ""})
    return panel("Layers", [table], note="worst first", tools=[finder], name="layer-panel")


def _layer(run_id: str, view: View) -> html.Div:
    return html.Div([_over_time(run_id, view), _snapshots(run_id, view)], className="stack")


def _over_time(run_id: str, view: View) -> Any:
    spreads = switch("spread", (("histogram", "Heat map"), ("quantiles", "Bands")), view.spread, "Picture")
    families = switch("family", FAMILIES, view.family, "Values")
    place = chart_place(
        "histogram", [run_id], label="Histogram over time", follows="layer family zoom axis", height=270,
        field="spread", others=["quantiles"],
    )  # fmt: skip
    chosen = html.Span(className="note", **{"data-chosen": "layer"})
    tools = html.Div([spreads, families], className="panel-tools")
    return panel("Histogram over time", [chosen, place], tools=[tools])


def _snapshots(run_id: str, view: View) -> Any:
    kinds = switch("snapshot", (("ridgeline", "Ridges"), ("histogram_step", "One step")), view.snapshot, "Snapshots")
    place = chart_place(
        "ridgeline", [run_id], label="Snapshots", follows="layer family zoom axis step", height=300,
        field="snapshot", others=["histogram_step"],
    )  # fmt: skip
    slider = html.Div(className="step-slider", hidden=True, **{"data-step-slider": ""})
    tools = html.Div([kinds], className="panel-tools")
    return panel("Snapshots", [place, slider], note="of the same values", tools=[tools])
