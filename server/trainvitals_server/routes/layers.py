"""The layers of a run, in forward order."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.get("/runs/{run_id}/layers")
async def layers(run_id: str, server: Server) -> Response:
    return JsonResponse({"layers": await asyncio.to_thread(server.reader.layers, run_id)})
