"""Asks for each kind of page once, inside the process, before anyone else can."""

from typing import Any

from starlette.types import ASGIApp

from trainvitals_server.layers.gate import INSIDE

PATHS = ("/readyz", "/", "/_dash-layout", "/_dash-dependencies")
"""The first request of each kind builds what later ones reuse; Dash registers its assets with its first page."""


async def warm_up(app: ASGIApp) -> None:
    """One GET of each path; what it answers is thrown away."""
    for path in PATHS:
        await app(_scope(path), _receive, _send)


def _scope(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
        "state": {},
        INSIDE: True,
    }


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_: Any) -> None:
    return None
