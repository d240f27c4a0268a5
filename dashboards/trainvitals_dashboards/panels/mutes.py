"""Muting: the form on an incident's card, and the list of what is muted with a way back."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from trainvitals_dashboards.number_format import counted
from trainvitals_wire.records import Mute, WarningEntry

RULES_FILE = "by the server's rules file"


def mute_form(incident_id: str, warnings: Sequence[WarningEntry]) -> html.Details | None:
    """A form that silences a rule of an incident, or all of them; the page's script sends it."""
    firing = [warning for warning in warnings if warning["state"] == "firing"]
    rules = list(dict.fromkeys(warning["rule"] for warning in firing))
    if not rules:
        return None
    layers = {warning["layer"] for warning in firing}
    pattern = firing[0]["layer"] or "*" if len(layers) == 1 else "*"
    return html.Details(
        [
            html.Summary("Mute", className="link"),
            html.Form(
                [
                    html.Label(["Rule ", _rules(rules)]),
                    html.Label(["Layers ", _input("layers", value=pattern)]),
                    html.Label(["Why ", _input("reason", placeholder="stays with the run")]),
                    html.Button("Mute", type="submit", className="button"),
                    html.P(className="wrong", role="alert"),
                ],
                **{"data-mute": "", "aria-label": "Mute rules of this incident"},
            ),
        ],
        className="mute",
        id=f"mute-{incident_id}",
    )


def _input(name: str, **others: str) -> dcc.Input:
    return dcc.Input(name=name, type="text", required=True, autoComplete="off", className="search", **others)


def _rules(rules: Sequence[str]) -> html.Select:
    options = [html.Option(rule.replace("_", " "), value=rule) for rule in rules]
    if len(rules) > 1:
        options.insert(0, html.Option(f"all {len(rules)} of this incident", value=",".join(rules)))
    return html.Select(options, name="rule", className="choice")


def mute_list(mutes: Sequence[Mute], warnings: Sequence[WarningEntry]) -> html.Details | None:
    """Every mute of the run with its reason, and those of the server's rules file that silence something."""
    items = [_item(entry["rule"], entry["layers"], entry["reason"], entry["id"]) for entry in mutes]
    of_file = {(w["rule"], w["mute"]["reason"]) for w in warnings if "mute" in w and w["mute"]["id"] is None}
    items += [_item(rule, RULES_FILE, reason, None) for rule, reason in sorted(of_file)]
    if not items:
        return None
    return html.Details([html.Summary(counted(len(items), "mute")), html.Ul(items)], className="notes mutes")


def _item(rule: str, where: str, reason: str, identity: str | None) -> html.Li:
    words: list[Any] = [html.Strong(rule.replace("_", " ")), html.Span(f" {where} ", className="where"), reason]
    if identity is not None:
        label = f"Unmute {rule.replace('_', ' ')} for {where}"
        words.append(
            html.Button("Unmute", type="button", className="link", **{"data-unmute": identity, "aria-label": label})
        )
    return html.Li(words)
