"""How a run ended, where it did not end well."""

from dash import html

from trainvitals_dashboards.elements import STATUS_MEANINGS
from trainvitals_wire.records import RunDetail


def failure(run: RunDetail) -> html.Section | None:
    """The error and its traceback; for a run that vanished, what that means."""
    error = run["error"]
    if error is None and run["status"] not in ("failed", "crashed"):
        return None
    if error is None:
        return html.Section(
            [html.H2(f"This run {run['status']}"), html.P(STATUS_MEANINGS[run["status"]])], className="failure"
        )
    traceback = error.get("traceback", "")
    details = html.Details([html.Summary("Traceback"), html.Pre(traceback)], open=True) if traceback else None
    title = f"{error.get('type', 'Error')}: {error.get('message', '')}"
    return html.Section([html.H2(["✕ ", title]), details], className="failure")
