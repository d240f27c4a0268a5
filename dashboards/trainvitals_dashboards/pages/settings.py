"""What this browser and this server are set to."""

from collections.abc import Sequence

from dash import html

from trainvitals_dashboards.elements import panel
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.panels.first_steps import code


def layout(context: PageContext) -> html.Div:
    """The theme, the server's address and the code that sends to it."""
    themes = [
        html.Button(text, type="button", **{"data-theme-choice": value})
        for value, text in (("system", "As the system"), ("dark", "Dark"), ("light", "Light"))
    ]
    return html.Div(
        [
            html.H1("Settings"),
            panel(
                "Theme",
                [
                    html.P("Kept in this browser, never in a link.", className="quiet"),
                    html.Div(themes, className="switch"),
                ],
            ),
            panel(
                "Send a run here",
                [
                    html.P("In the script, or once in the shell that starts it:"),
                    code(context.settings.server_address, short=True),
                ],
            ),
            *_server(context.settings.server_settings),
        ],
        className="narrow",
        **{"data-title": "Settings"},
    )


def _server(settings: Sequence[tuple[str, str, str]]) -> list[html.Div]:
    """What the server was started with; it is changed where it is started."""
    if not settings:
        return []
    rows = [html.Tr([html.Td(name), html.Td(value), html.Td(meaning)]) for name, value, meaning in settings]
    note = html.P(
        "Set when the server starts, by options of `trainvitals serve` or by TRAINVITALS_* variables.",
        className="quiet",
    )
    return [panel("This server", [note, html.Table(html.Tbody(rows), className="settings")])]
