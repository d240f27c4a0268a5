"""Reports come in: raw bytes to the store, answered once they are durable."""

import asyncio
from concurrent.futures import Future

from fastapi import APIRouter, Request
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.openapi import binary_body
from trainvitals_server.services import Server, Services
from trainvitals_server.storage.contract import Appended
from trainvitals_server.storage.errors import QueueFull
from trainvitals_wire.encoding import CONTENT_TYPE
from trainvitals_wire.errors import WireError
from trainvitals_wire.limits import REPORT_BYTES_MAX

router = APIRouter(prefix="/api/v1")

SMALL_BYTES = 64 * 1024
"""A report up to this size is decoded in less time than it takes to hand it to a thread; the SDK packs larger ones."""


@router.post("/runs/{run_id}/reports", status_code=202, openapi_extra=binary_body(CONTENT_TYPE))
async def report(run_id: str, request: Request, server: Server) -> Response:
    _check_type(request)
    try:
        with server.intake.admit(_announced_bytes(request)):
            body = await request.body()
            appended = await asyncio.wrap_future(await _append(server, run_id, body))
    except (WireError, QueueFull) as error:
        server.measures.reports.labels("queue_full" if isinstance(error, QueueFull) else "refused").inc()
        raise
    server.measures.reports.labels("stored" if appended.stored else "repeated").inc()
    server.measures.bytes.inc(len(body))
    warnings = server.answers.warnings(run_id, body, appended) if server.answers else []
    return JsonResponse({"sequence": appended.sequence, "warnings": warnings}, 202)


async def _append(server: Services, run_id: str, body: bytes) -> "Future[Appended]":
    if len(body) <= SMALL_BYTES and server.store.remembers(run_id):
        return server.store.append(run_id, body)
    # The database may be asked for the run, or much be unpacked: not here.
    return await asyncio.to_thread(server.store.append, run_id, body)


def _announced_bytes(request: Request) -> int:
    """The size of the body; whoever does not say may send as much as is allowed."""
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdigit() else REPORT_BYTES_MAX


def _check_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != CONTENT_TYPE:
        message = f"A report is {CONTENT_TYPE}, not {given or 'untyped'}."
        raise ApiError(415, "unsupported_media_type", message, f"Send the header Content-Type: {CONTENT_TYPE}.")
