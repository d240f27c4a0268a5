"""The login page: a key once, a session cookie after that."""

import asyncio
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from trainvitals_server.access.login_page import login_page
from trainvitals_server.services import Server

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(max_length=4096)]


@router.get("/login")
async def login(server: Server, next: Next = "/") -> Response:  # noqa: A002, the name in the address
    return HTMLResponse(login_page(_action(server, next)), headers={"cache-control": "no-store"})


@router.post("/login")
async def log_in(request: Request, server: Server, next: Next = "/") -> Response:  # noqa: A002
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    key = form.get("key", [""])[0].strip()
    if not await asyncio.to_thread(server.keys.verify, key):
        return HTMLResponse(login_page(_action(server, next), wrong=True), 401, {"cache-control": "no-store"})
    cookie = server.sessions.cookie(server.keys.identify(key))
    target = server.settings.base_path + local_path(next)
    return RedirectResponse(target, 303, {"set-cookie": cookie, "cache-control": "no-store"})


def _action(server: Server, target: str) -> str:
    return f"{server.settings.base_path}/login?next={quote(local_path(target), safe='')}"


def local_path(target: str) -> str:
    """The target where it is a path of this server, else `/`: a login link must not lead to another site."""
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and target.isprintable() and "\\" not in target else "/"
