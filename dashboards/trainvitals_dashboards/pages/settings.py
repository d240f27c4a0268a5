"""What this browser and this server are set to."""

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
        ],
        className="narrow",
        **{"data-title": "Settings"},
    )
