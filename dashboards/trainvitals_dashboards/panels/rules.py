"""Where each rule stands: which judge the run, and what the others lack."""

from collections.abc import Sequence

from dash import html

from trainvitals_wire.records import RuleEntry

WORDS = {
    "firing": "firing",
    "muted": "muted",
    "warming_up": "waiting for the end of the warm-up",
    "quiet": "quiet",
    "not_measured": "not measured",
}
"""In the order in which they are listed."""


def rules(found: Sequence[RuleEntry]) -> html.Details | None:
    """A list that opens: the states of the rules, and for those not measured what would bring their signals."""
    if not found:
        return None
    lacking = [entry for entry in found if entry["state"] == "not_measured"]
    said = f"{len(found) - len(lacking)} of {len(found)} rules judge this run"
    items = [_state(state, [entry["rule"] for entry in found if entry["state"] == state]) for state in WORDS]
    reasons = dict.fromkeys(entry["why"] for entry in lacking)
    items[-1:] = [_state(why, [entry["rule"] for entry in lacking if entry["why"] == why]) for why in reasons]
    return html.Details([html.Summary(said), html.Ul([item for item in items if item])], className="notes rules")


def _state(state: str, names: Sequence[str]) -> html.Li | None:
    if not names:
        return None
    words = ", ".join(name.replace("_", " ") for name in names)
    return html.Li([html.Span(WORDS.get(state, state), className="state"), words])
