"""Adds the pages to a FastAPI app."""

import importlib.resources
import logging

from dash import Dash
from dash.backends._fastapi import FastAPIDashServer
from fastapi import FastAPI

from trainvitals_dashboards import figure_route, news, router, shell
from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.settings import PagesSettings
from trainvitals_wire.reader import Reader

log = logging.getLogger(__name__)


class PageBackend(FastAPIDashServer):  # type: ignore[misc]
    """Dash's FastAPI backend without its WebSocket, which every page would open although no callback uses it."""

    websocket_capability = False


def attach(app: FastAPI, reader: Reader, settings: PagesSettings) -> Dash:
    """Add pages, figure route and assets to `app`; one app a process, and after the app's own routes.

    Dash answers every GET that no earlier route knows with a page, so routes such as `/api/{rest:path}` must be there
    before. Callbacks are async and read in threads: the event loop is never blocked.
    """
    context = PageContext(reader, settings)
    figure_route.add(app, reader)
    dash_app = Dash(
        __name__,
        server=False,
        backend=PageBackend,
        routes_pathname_prefix="/",
        requests_pathname_prefix=f"{settings.path_prefix}/",
        assets_folder=str(importlib.resources.files(__package__) / "assets"),
        title="trainvitals",
        update_title=None,
        suppress_callback_exceptions=True,
        prevent_initial_callbacks=True,
        serve_locally=True,
        on_error=_log_error,
        add_log_handler=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "dark light"},
        ],
    )
    dash_app.init_app(app)
    dash_app.layout = shell.layout(context)
    router.add(dash_app, context)
    news.add(dash_app, context)
    return dash_app


def _log_error(error: Exception) -> None:
    log.error("a page could not be built: %s", error, exc_info=error)


def script_hashes(dash_app: Dash) -> list[str]:
    """The hashes of the inline scripts, quoted as a Content-Security-Policy's `script-src` wants them."""
    return list(dash_app.csp_hashes())
