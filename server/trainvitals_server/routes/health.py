"""Is the process alive, can it serve, and how is it doing: `healthz`, `readyz`, `metrics` at the root."""

import asyncio
from importlib.metadata import version

from fastapi import APIRouter
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.services import Server
from trainvitals_wire.version import WIRE_VERSION

# At the root, not under /api/v1: this is where orchestrators look.
router = APIRouter()


@router.get("/healthz")
async def healthz() -> Response:
    return JsonResponse({"status": "ok", "version": version("trainvitals"), "wire": WIRE_VERSION})


@router.get("/readyz")
async def readyz(server: Server) -> Response:
    reason = await asyncio.to_thread(server.ready)
    if reason is not None:
        raise ApiError(503, "not_ready", reason, "Try again shortly; the server's log says more.")
    return JsonResponse({"status": "ready"})


@router.get("/metrics")
async def metrics(server: Server) -> Response:
    return Response(server.measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
