"""Finds the routes: every module of `trainvitals_server.routes` with a `router`."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.routing import Route, compile_path

from trainvitals_server import routes
from trainvitals_server.errors import ApiError
from trainvitals_server.query import refuse_unknown

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def find_routers() -> Iterator[APIRouter]:
    """Every family of routes."""
    for found in pkgutil.iter_modules(routes.__path__):
        yield importlib.import_module(f"{routes.__name__}.{found.name}").router


def add_routes(app: FastAPI) -> None:
    """Add every family of routes, and a JSON 404 for the rest of `/api`."""
    known: list[tuple[re.Pattern[str], set[str]]] = []
    for router in find_routers():
        app.include_router(router, dependencies=[Depends(refuse_unknown)])
        known += [
            (compile_path(route.path)[0], route.methods or set()) for route in router.routes if isinstance(route, Route)
        ]

    async def unknown(request: Request) -> None:
        path: str = request.scope["path"]
        methods = {method for pattern, methods in known if pattern.match(path) for method in methods}
        if methods:
            raise HTTPException(405, headers={"allow": ", ".join(sorted(methods))})
        raise ApiError(404, "not_found", f"There is no {path:.200}.", "See docs/api.md for the routes.")

    # The pages answer any unknown GET with HTML; a misspelt API address must not get a page.
    for address in ("/api", "/api/{rest:path}"):
        app.add_api_route(address, unknown, methods=METHODS, include_in_schema=False)
