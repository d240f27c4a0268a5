"""What is wrong with a run: one card an incident, notes and what is over listed quietly."""

from typing import Any

from dash import html

from trainvitals_dashboards.elements import SEVERITY_ICONS
from trainvitals_dashboards.number_format import counted, short, whole
from trainvitals_dashboards.panels.mutes import mute_form
from trainvitals_dashboards.warning_words import loud_incidents
from trainvitals_wire.causes import CAUSES
from trainvitals_wire.records import Incident, WarningEntry, Warnings

CARDS_MAX = 6
CAUSES_MAX = 2
NOTES_MAX = 40
LAYERS_NAMED_MAX = 6


def incidents(found: Warnings) -> html.Div:
    """The cards, worst first, and below them the rest in a list that opens."""
    by_id = {warning["id"]: warning for warning in found["warnings"]}
    loud = loud_incidents(found)
    quiet = [
        warning
        for warning in found["warnings"]
        if warning["severity"] == "note" or warning["state"] != "firing" or warning["incident"] is None
    ]
    cards = [_card(entry, [by_id[key] for key in entry["warnings"] if key in by_id]) for entry in loud[:CARDS_MAX]]
    rest = len(loud) - len(cards)
    more = [html.P(f"{counted(rest, 'more incident')}: see the layer table.", className="quiet")] if rest > 0 else []
    return html.Div([html.Div(cards, className="cards") if cards else None, *more, _quiet_list(_by_rule(quiet))])


def _card(incident: Incident, warnings: list[WarningEntry]) -> html.Article:
    severity, layer = incident["severity"], incident["layer"]
    where = (
        f"{layer} · since step {whole(incident['first_step'])}"
        if layer
        else f"since step {whole(incident['first_step'])}"
    )
    layers = len({warning["layer"] for warning in warnings if warning["layer"]})
    more = f" · {counted(layers, 'layer')}" if layers > 1 else ""
    lead = warnings[0] if warnings else None
    parts: list[Any] = [
        html.Header(
            [
                html.Span(SEVERITY_ICONS[severity], className="icon", **{"aria-hidden": "true"}),
                html.H3(incident["title"]),
                html.Span(severity, className="severity"),
            ]
        ),
        html.P(where + more, className="where"),
        html.P(lead["summary"], className="summary") if lead else None,
        _evidence(lead) if lead else None,
        _causes(incident, lead["summary"] if lead else ""),
        html.P(_advice(incident["remedy"], lead["expect"] if lead else ""), className="remedy"),
        html.Footer(
            [
                html.Span(f"Source: {lead['source']}" if lead and lead["source"] else ""),
                html.Button("Show this layer", type="button", className="link", **_selects(layer)) if layer else None,
                mute_form(incident["id"], warnings),
            ]
        ),
    ]
    return html.Article(parts, className=f"card {severity}", **(_selects(layer) if layer else {}))


def _evidence(warning: WarningEntry) -> html.P | None:
    """What was measured and what is asked for, at which steps, and the series to look at."""
    said = [f"Measured {short(warning['value'])}"] if warning["value"] is not None else []
    said += [f"expected: {warning['threshold']}"] if warning["threshold"] else []
    if not said and not warning["series"]:
        return None
    said.append(f"steps {whole(warning['first_step'])} to {whole(warning['last_step'])}")
    series = [" · ", html.Code(warning["series"])] if warning["series"] else []
    return html.P([" · ".join(said), *series], className="evidence")


def _advice(remedy: str, expect: str) -> list[Any]:
    told: list[Any] = [html.Strong("Try: "), remedy] if remedy else []
    return told + ([html.Span([" ", expect], className="expect")] if expect else [])


def _selects(layer: str) -> dict[str, str]:
    return {"data-view": "layer", "data-value": layer}


def _causes(incident: Incident, summary: str) -> html.Ul | None:
    """The likeliest causes, each with what speaks for it; what the summary says in the same words is said once."""
    entries = incident["causes"][:CAUSES_MAX]
    said = [entry["why"].casefold() == summary.casefold() for entry in entries]
    if all(said):
        return None
    items = [_cause(entry, "" if known else f": {entry['why']}") for entry, known in zip(entries, said, strict=True)]
    return html.Ul(items, className="causes")


def _cause(entry: Any, why: str) -> html.Li:
    return html.Li([html.Strong(CAUSES.get(entry["cause"], entry["cause"].replace("_", " "))), why])


def _by_rule(warnings: list[WarningEntry]) -> list[list[WarningEntry]]:
    """What one rule says of forty layers in one state is one line; what is muted stands alone, with its reason."""
    lines: dict[Any, list[WarningEntry]] = {}
    for warning in warnings:
        alone = warning["id"] if "mute" in warning else None
        lines.setdefault((warning["rule"], warning["severity"], warning["state"], alone), []).append(warning)
    return list(lines.values())


def _quiet_list(lines: list[list[WarningEntry]]) -> html.Details | None:
    if not lines:
        return None
    items = [_quiet_line(line) for line in lines[:NOTES_MAX]]
    over = len(lines) - len(items)
    items += [html.Li(f"and {over} more")] if over else []
    return html.Details([html.Summary(_quiet_words([line[0] for line in lines])), html.Ul(items)], className="notes")


def _quiet_line(line: list[WarningEntry]) -> html.Li:
    """The words of the first, and of which other layers the same is said."""
    warning, *others = line
    layers = list(
        dict.fromkeys(other["layer"] for other in others if other["layer"] and other["layer"] != warning["layer"])
    )
    named = ", ".join(layers[:LAYERS_NAMED_MAX])
    over = f" and {len(layers) - LAYERS_NAMED_MAX} more" if len(layers) > LAYERS_NAMED_MAX else ""
    return html.Li(
        [
            html.Span(SEVERITY_ICONS[warning["severity"]], className="icon", **{"aria-hidden": "true"}),
            html.Span(f"{warning['severity']}, {warning['state']}", className="state"),
            warning["summary"],
            html.Span(f" · so it is in {counted(len(layers), 'more layer')}: {named}{over}", className="where")
            if layers
            else None,
            html.Span(f" · {warning['mute']['reason']}", className="where") if "mute" in warning else None,
        ],
        className=f"quiet-{warning['state']}",
    )


def _quiet_words(warnings: list[WarningEntry]) -> str:
    """How many of which kind: `8 notes and resolved warnings`, or the one kind that there is."""
    notes = sum(warning["severity"] == "note" for warning in warnings)
    others = [warning for warning in warnings if warning["severity"] != "note"]
    states = {warning["state"] for warning in others} - {"firing"}
    kind = f"{' and '.join(sorted(states))} warning".strip() if others else ""
    if notes and others:
        return f"{whole(len(warnings))} notes and {kind}s"
    return counted(len(warnings), kind or "note")
