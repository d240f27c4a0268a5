"""The page for what is not there."""

from dash import html

from trainvitals_dashboards.page_context import PageContext


def layout(context: PageContext, reason: str) -> html.Div:
    """Says what was asked for, why it may be missing, and where to go."""
    return html.Div(
        [
            html.H1("Not found"),
            html.P(reason),
            html.P("The address may have a typing error, or the run may have been deleted."),
            html.P(html.A("All runs", href=context.links.runs(), className="button")),
        ],
        className="centre",
        **{"data-title": "Not found"},
    )
