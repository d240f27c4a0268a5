"""The gate: who may pass, for HTTP and WebSocket alike, before anything else sees the request."""

import asyncio
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from trainvitals_server.access.origin import SAFE_METHODS, Origins
from trainvitals_server.access.session import COOKIE
from trainvitals_server.errors import ApiError
from trainvitals_server.services import Services

HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
"""What anyone may ask under any name, also while the database is away."""

LOGIN_PATH = "/login"

INSIDE = "trainvitals.inside"
"""Set in the scope of a request that the process makes to itself; nothing that a client sends can set it."""

KEY_HINT = "Send the header Authorization: Bearer <key>; the SDK takes it from TRAINVITALS_API_KEY."


class Gate:
    """Lets pass whoever shows a key or a session; everybody on loopback while there is no key."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._keys = services.keys
        self._sessions = services.sessions
        self._base_path = services.settings.base_path
        self._origins = Origins(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        path = scope["path"]
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            message = "The address holds the character NUL, which names nothing here."
            raise ApiError(400, "invalid_request", message, "Leave it out.")
        if path in HEALTH_PATHS or INSIDE in scope or await self._admits(connection, path):
            await self._app(scope, receive, send)
        else:
            await self._turn_away(connection, path, receive, send)

    async def _admits(self, connection: HTTPConnection, path: str) -> bool:
        any_key = self._keys.recall_any()
        if any_key is None:
            any_key = await asyncio.to_thread(self._keys.any)
        if any_key and await self._shows_key(connection):
            return True
        self._check_page(connection)
        if any_key:
            return path == LOGIN_PATH or await self._has_session(connection)
        self._origins.check_host(connection.headers)
        return True

    async def _shows_key(self, connection: HTTPConnection) -> bool:
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        opens = self._keys.recall_verify(key.strip())
        if opens is None:
            opens = await asyncio.to_thread(self._keys.verify, key.strip())
        if not opens:
            headers = {"www-authenticate": "Bearer"}
            raise ApiError(401, "invalid_api_key", "This API key is not known here.", KEY_HINT, headers)
        return True

    async def _has_session(self, connection: HTTPConnection) -> bool:
        key_id = self._sessions.key_id(connection.cookies.get(COOKIE))
        return key_id is not None and await asyncio.to_thread(self._keys.alive, key_id)

    def _check_page(self, connection: HTTPConnection) -> None:
        # A cookie, or loopback itself, comes with whatever page the browser shows; only a shown key proves intent.
        if connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS:
            self._origins.check_origin(connection.headers)

    async def _turn_away(self, connection: HTTPConnection, path: str, receive: Receive, send: Send) -> None:
        page = connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS
        if not page or path.startswith("/api/") or "text/html" not in connection.headers.get("accept", ""):
            headers = {"www-authenticate": "Bearer"}
            raise ApiError(401, "missing_api_key", "This server asks for an API key.", KEY_HINT, headers)
        query = connection.scope["query_string"].decode("latin-1")
        target = quote(path + (f"?{query}" if query else ""), safe="")
        await RedirectResponse(f"{self._base_path}/login?next={target}", 303)(connection.scope, receive, send)
