"""Limits on bodies, kept before anything is parsed and without holding what is too much."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainvitals_server.errors import BodyTooLarge
from trainvitals_wire.limits import JSON_BYTES_MAX, REPORT_BYTES_MAX

_REPORT = re.compile(r"/api/v1/runs/[^/]+/reports")


class BodyLimit:
    """Refuses a body that is announced, or turns out, to be larger than its route takes.

    The rest of a refused body is left to the HTTP server, which reads past it without keeping it: the sender can
    finish, read the answer, and use the connection again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bytes_max = REPORT_BYTES_MAX if _REPORT.fullmatch(scope["path"]) else JSON_BYTES_MAX
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > bytes_max:
            raise BodyTooLarge(bytes_max)
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > bytes_max:
                raise BodyTooLarge(bytes_max)
            return message

        await self._app(scope, count, send)
