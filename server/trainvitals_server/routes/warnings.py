"""The warnings and incidents of a run, worst first."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.get("/runs/{run_id}/warnings")
async def warnings(run_id: str, server: Server) -> Response:
    return JsonResponse(await asyncio.to_thread(server.reader.warnings, run_id))
