"""Finds the routes: every module of `trainvitals_server.routes` with a `router`."""

import importlib
import pkgutil

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from trainvitals_server import routes
from trainvitals_server.errors import ApiError
from trainvitals_server.query import refuse_unknown

API_PREFIX = "/api/v1"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def add_routes(app: FastAPI) -> None:
    """Add every family of routes, and a JSON 404 for the rest of `/api`."""
    for found in pkgutil.iter_modules(routes.__path__):
        module = importlib.import_module(f"{routes.__name__}.{found.name}")
        prefix = getattr(module, "PREFIX", API_PREFIX)
        app.include_router(module.router, prefix=prefix, dependencies=[Depends(refuse_unknown)])
    # The pages answer any unknown GET with HTML; a misspelt API address must not get a page.
    app.add_api_route("/api/{rest:path}", _unknown, methods=METHODS, include_in_schema=False)


async def _unknown(request: Request, rest: str) -> None:
    others = [route for route in request.app.routes if route is not request.scope["route"]]
    methods = {
        method
        for route in others
        if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL
        for method in route.methods or ()
    }
    if methods:
        raise HTTPException(405, headers={"allow": ", ".join(sorted(methods))})
    raise ApiError(404, "not_found", f"There is no /api/{rest:.200}.", "See docs/api.md for the routes.")
