"""Reports come in: raw bytes to the store, answered once they are durable."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.openapi import binary_body
from trainvitals_server.services import Server
from trainvitals_server.storage.errors import QueueFull
from trainvitals_wire.encoding import CONTENT_TYPE
from trainvitals_wire.errors import WireError

router = APIRouter(prefix="/api/v1")


@router.post("/runs/{run_id}/reports", status_code=202, openapi_extra=binary_body(CONTENT_TYPE))
async def report(run_id: str, request: Request, server: Server) -> Response:
    _check_type(request)
    body = await request.body()
    try:
        future = await asyncio.to_thread(server.store.append, run_id, body)
    except (WireError, QueueFull) as error:
        server.measures.reports.labels("queue_full" if isinstance(error, QueueFull) else "refused").inc()
        raise
    appended = await asyncio.wrap_future(future)
    server.measures.reports.labels("stored" if appended.stored else "repeated").inc()
    server.measures.bytes.inc(len(body))
    warnings = await asyncio.to_thread(server.answers.warnings, run_id, body, appended) if server.answers else []
    return JsonResponse({"sequence": appended.sequence, "warnings": warnings}, 202)


def _check_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != CONTENT_TYPE:
        message = f"A report is {CONTENT_TYPE}, not {given or 'untyped'}."
        raise ApiError(415, "unsupported_media_type", message, f"Send the header Content-Type: {CONTENT_TYPE}.")
