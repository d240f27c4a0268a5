"""The border to the network: a failure becomes one line on the log and one answer in the one shape."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainvitals_server.error_answers import log_unexpected, translate


class Boundary:
    """Answers refusals of the layers, and what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:
            log_unexpected(error)
            answer = translate(error)
            if not started:
                await answer.response()(scope, receive, note)
