"""Heartbeats: the signs of life between reports."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from trainvitals_server.openapi import json_body
from trainvitals_server.request_bodies import Heartbeat, read
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.post("/runs/{run_id}/heartbeat", status_code=204, openapi_extra=json_body(Heartbeat))
async def heartbeat(run_id: str, request: Request, server: Server) -> Response:
    body = await read(request, Heartbeat)
    await asyncio.to_thread(server.store.heartbeat, run_id, body.last_step, body.queued)
    return Response(status_code=204)
