"""The path of the public address: a proxy may take it off or leave it on."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Takes the prefix off where it is still there, so that everything inside knows addresses without it."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._base_path and scope["type"] in {"http", "websocket"}:
            path: str = scope["path"]
            if path == self._base_path or path.startswith(f"{self._base_path}/"):
                rest = path[len(self._base_path) :] or "/"
                scope = {**scope, "path": rest, "raw_path": rest.encode()}
        await self._app(scope, receive, send)
