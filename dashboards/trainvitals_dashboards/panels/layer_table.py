"""The layers of a run, worst first, with three sparklines each."""

from dataclasses import dataclass
from typing import Any

from dash import html

from trainvitals_dashboards.elements import SEVERITY_ICONS, spark
from trainvitals_dashboards.links import Links
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.warning_words import calm_words, rank, words, worst_by_layer
from trainvitals_wire.reader import NotFound, Reader
from trainvitals_wire.records import Layer, WarningEntry, Warnings

STATISTICS = (("gradient_norm", "grad norm"), ("activation_std", "act std"), ("update_ratio", "update ratio"))
COLUMNS = 40
ROWS_MAX = 200

Rows = dict[str, list[float | None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One layer of the table."""

    layer: Layer
    warning: WarningEntry | None
    sparks: tuple[list[float | None], ...]


def layer_table(reader: Reader, run_id: str, layers: list[Layer], warnings: Warnings, links: Links) -> Any:
    """The table; blocking reads, call it in a thread."""
    if not layers:
        return html.P(
            ["No layers yet. ", html.Code("run.watch(model, optimizer)"), " shows them here."], className="quiet"
        )
    columns = [_statistic(reader, run_id, statistic) for statistic, _ in STATISTICS]
    worst = worst_by_layer(warnings["warnings"])
    rows = [
        Row(layer, worst.get(layer["name"]), tuple(column.get(layer["name"], []) for column in columns))
        for layer in layers
    ]
    rows.sort(key=_worst_first)
    calm = calm_words(warnings)
    shown = [_row(row, run_id, links, calm) for row in rows[:ROWS_MAX]]
    heads = ["layer", "status", *(title for _, title in STATISTICS)]
    head = html.Thead(
        html.Tr([html.Th(title, scope="col", colSpan=1 if place < 2 else 2) for place, title in enumerate(heads)])
    )
    table = html.Table([head, html.Tbody(shown)], className="layers", **{"aria-label": "Layers, worst first"})
    if len(rows) == len(shown):
        return table
    words = f"The {whole(len(shown))} worst of {whole(len(rows))} layers; type the name of any other above."
    return html.Div([table, html.P(words, className="quiet")])


def _statistic(reader: Reader, run_id: str, statistic: str) -> Rows:
    try:
        heatmap = reader.heatmap(run_id, statistic, columns=COLUMNS)
    except NotFound as error:
        if error.code == "run_not_found":
            raise
        return {}
    return dict(zip(heatmap["layers"], heatmap["values"], strict=True))


def _worst_first(row: Row) -> tuple[int, int, int]:
    if row.warning is None:
        return (9, 0, row.layer["order"])
    return (rank(row.warning["severity"]), row.warning["first_step"], row.layer["order"])


def _row(row: Row, run_id: str, links: Links, calm: str) -> html.Tr:
    name = row.layer["name"]
    tone = row.warning["severity"] if row.warning else "healthy"
    choose = html.Button(
        name,
        type="button",
        className="layer-name",
        title=row.layer["type"],
        **{"data-view": "layer", "data-value": name},
    )
    cells = [
        html.Th([choose, html.A("↗", href=links.layer(run_id, name), **{"aria-label": f"Page of {name}"})], scope="row")
    ]
    cells.append(html.Td(_status(row.warning, calm), className=f"layer-status tone-{tone}"))
    for values in row.sparks:
        last = next((value for value in reversed(values) if value is not None), None)
        cells += [html.Td(spark(values, logarithm=True, tone=tone)), html.Td(short(last), className="number")]
    return html.Tr(cells, **{"data-layer": name})


def _status(warning: WarningEntry | None, calm: str) -> list[Any] | str:
    if warning is None:
        return calm
    icon = html.Span(SEVERITY_ICONS[warning["severity"]], className="icon", **{"aria-hidden": "true"})
    return [icon, html.Span(words(warning["rule"]), title=warning["summary"])]
