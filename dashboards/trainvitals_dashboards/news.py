"""Refreshes the panels of an open page when the script writes news of its runs into the page's Store."""

import asyncio
from typing import Any

from dash import Dash, Input, Output, no_update

from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages import run, runs
from trainvitals_dashboards.view import parse
from trainvitals_wire.reader import NotFound


def add(dash_app: Dash, context: PageContext) -> None:
    """One callback a page; its Store is the only input, so that nothing fires for each of many layers."""

    async def run_panels(news: dict[str, str]) -> Any:
        return await _read(lambda: run.panels(context, news["run"]), len(run.PANELS))

    async def runs_panels(news: dict[str, str]) -> Any:
        return await _read(lambda: runs.panels(context, parse(news.get("query", ""))), len(runs.PANELS))

    dash_app.callback([Output(name, "children") for name in run.PANELS], Input(run.STORE, "data"))(run_panels)
    dash_app.callback([Output(name, "children") for name in runs.PANELS], Input(runs.STORE, "data"))(runs_panels)


async def _read(panels: Any, count: int) -> Any:
    try:
        return await asyncio.to_thread(panels)
    except NotFound:
        # The run was deleted while its page is open: what it shows stays until the reader goes elsewhere.
        return [no_update] * count
