"""HEAD: what GET would answer, without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Asks with GET and keeps the body back: load balancers and link checkers ask so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, without_body)
        finally:
            # The layers around this one read the route from their own scope.
            scope["route"] = asked.get("route")
