"""Mutes: rules that a person does not want to hear of, with the reason."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.openapi import json_body
from trainvitals_server.request_bodies import Mute, read
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.post("/runs/{run_id}/mutes", status_code=201, openapi_extra=json_body(Mute))
async def mute(run_id: str, request: Request, server: Server) -> Response:
    body = await read(request, Mute)
    names = [declared.name for declared in declared_rules()]
    if body.rule not in names:
        raise ApiError(422, "unknown_rule", f"There is no rule {body.rule!r:.80}.", f"Rules are {', '.join(names)}.")
    entry = await asyncio.to_thread(server.store.add_mute, run_id, body.rule, body.layers, body.reason)
    await _tell(run_id, server)
    return JsonResponse(entry, 201)


@router.get("/runs/{run_id}/mutes")
async def mutes(run_id: str, server: Server) -> Response:
    return JsonResponse({"mutes": await asyncio.to_thread(server.reader.mutes, run_id)})


@router.delete("/runs/{run_id}/mutes/{mute_id}", status_code=204)
async def unmute(run_id: str, mute_id: str, server: Server) -> Response:
    await asyncio.to_thread(server.store.remove_mute, run_id, mute_id)
    await _tell(run_id, server)
    return Response(status_code=204)


async def _tell(run_id: str, server: Server) -> None:
    if server.diagnosis is not None:
        await asyncio.to_thread(server.diagnosis.mutes_changed, run_id)
    server.hub.changed(run_id)
