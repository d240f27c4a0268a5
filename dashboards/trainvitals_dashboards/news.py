"""Refreshes the panels of an open page when the script writes news of its runs into the page's Store."""

from collections.abc import Callable, Hashable
from typing import Any

from dash import Dash, Input, Output, no_update

from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages import run, runs
from trainvitals_dashboards.shared import Shared
from trainvitals_dashboards.view import parse
from trainvitals_wire.reader import NotFound


def add(dash_app: Dash, context: PageContext) -> None:
    """One callback a page; its Store is the only input, so that nothing fires for each of many layers."""
    shared = Shared()

    async def run_panels(news: dict[str, Any]) -> Any:
        run_id, version = news["run"], news.get("version")
        key = (run_id, version) if version else object()
        return await _panels(shared, key, lambda: run.panels(context, run_id), len(run.PANELS))

    async def runs_panels(news: dict[str, Any]) -> Any:
        view = parse(news.get("query", ""))
        return await _panels(shared, object(), lambda: runs.panels(context, view), len(runs.PANELS))

    dash_app.callback([Output(name, "data-tree") for name in run.PANELS], Input(run.STORE, "data"))(run_panels)
    dash_app.callback([Output(name, "data-tree") for name in runs.PANELS], Input(runs.STORE, "data"))(runs_panels)


async def _panels(shared: Shared, key: Hashable, build: Callable[[], Any], count: int) -> Any:
    try:
        return await shared.get(key, build)
    except NotFound:
        # The run was deleted while its page is open: what it shows stays until the reader goes elsewhere.
        return [no_update] * count
