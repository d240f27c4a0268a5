"""Measures how long each route takes."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainvitals_server.measures import Measures


class Latency:
    """Observes the time to the end of each answer, by route: the address itself would be a label without bound."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = perf_counter()
        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._measures.requests.labels(scope["method"], route, status).observe(perf_counter() - started)
