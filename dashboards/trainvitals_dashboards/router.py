"""Which page an address opens."""

import asyncio
from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output

from trainvitals_dashboards.page_context import PageContext
from trainvitals_dashboards.pages import compare, layer, not_found, run, runs, settings
from trainvitals_dashboards.view import parse
from trainvitals_wire.reader import NotFound


def add(dash_app: Dash, context: PageContext) -> None:
    """Fill the page whenever the script writes another address."""

    async def show(address: dict[str, str]) -> Any:
        return await asyncio.to_thread(page, context, address.get("path", "/"), address.get("query", ""))

    dash_app.callback(Output("page", "children"), Input("address", "data"))(show)


def page(context: PageContext, path: str, query: str) -> Any:
    """The layout for a path behind the prefix; what is not there gets a page that says so."""
    path = path.removeprefix(context.settings.path_prefix)
    parts = [unquote(part) for part in path.split("/") if part]
    view = parse(query)
    try:
        match parts:
            case []:
                return runs.layout(context, view)
            case ["runs", run_id]:
                return run.layout(context, run_id, view)
            case ["runs", run_id, "layers", name]:
                return layer.layout(context, run_id, name, view)
            case ["compare"]:
                return compare.layout(context, view)
            case ["settings"]:
                return settings.layout(context)
    except NotFound as error:
        return not_found.layout(context, str(error))
    return not_found.layout(context, f"There is no page at {path}.")
