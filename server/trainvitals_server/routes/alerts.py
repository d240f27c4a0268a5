"""Alerts: what the user's own script wants to say."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.openapi import json_body
from trainvitals_server.request_bodies import Alert, read
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.post("/runs/{run_id}/alerts", status_code=201, openapi_extra=json_body(Alert))
async def alert(run_id: str, request: Request, server: Server) -> Response:
    body = await read(request, Alert)
    entry = await asyncio.to_thread(server.store.add_alert, run_id, body.title, body.text, body.level, body.step)
    server.hub.changed(run_id)
    return JsonResponse(entry, 201)
