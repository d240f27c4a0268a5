"""What stands around every page: navigation, theme switch, and the place for the page itself."""

from dash import dcc, html

from trainvitals_dashboards.page_context import PageContext


def layout(context: PageContext) -> html.Div:
    """The frame; the script writes the address into the Store, the router fills the page."""
    links = context.links
    navigation = html.Nav(
        [
            html.A(
                [html.Span("◢", className="mark", **{"aria-hidden": "true"}), "trainvitals"],
                href=links.runs(),
                className="brand",
            ),
            html.A("Runs", href=links.runs()),
            html.A("Compare", href=links.compare()),
            html.A("Settings", href=links.settings()),
        ],
        **{"aria-label": "Pages"},
    )
    theme = html.Button(
        "◐", id="theme", type="button", title="Dark or light", **{"aria-label": "Switch between dark and light"}
    )
    return html.Div(
        [
            html.A("Skip to the page", href="#page", className="skip"),
            html.Header([navigation, theme], className="top"),
            dcc.Store(id="address"),
            html.Main(html.P("Loading …", className="quiet"), id="page", tabIndex=-1),
            html.Div(id="announcement", className="visually-hidden", role="status", **{"aria-live": "polite"}),
        ],
        id="shell",
        **{"data-prefix": links.prefix, "data-panel-seconds": f"{context.settings.panel_seconds}"},
    )
