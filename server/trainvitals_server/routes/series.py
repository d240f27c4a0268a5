"""Series: which there are, and their numbers in buckets."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.query import FirstStep, Keys, LastStep, Runs, check_window
from trainvitals_server.services import Server
from trainvitals_wire.limits import DATA_POINTS_MAX

router = APIRouter(prefix="/api/v1")


@router.get("/runs/{run_id}/series")
async def series(run_id: str, server: Server) -> Response:
    return JsonResponse({"series": await asyncio.to_thread(server.reader.series, run_id)})


@router.get("/runs/{run_id}/data")
async def data(
    run_id: str,
    server: Server,
    keys: Keys,
    first_step: FirstStep = None,
    last_step: LastStep = None,
    points: Annotated[int, Query(ge=1, le=DATA_POINTS_MAX)] = 1000,
) -> Response:
    check_window(first_step, last_step)

    def read() -> Response:
        # Encoded in the thread as well: a large answer takes longer to encode than to read.
        return JsonResponse(server.reader.data(run_id, keys, first_step=first_step, last_step=last_step, points=points))

    return await asyncio.to_thread(read)


@router.get("/data")
async def data_of_runs(
    server: Server,
    runs: Runs,
    keys: Keys,
    first_step: FirstStep = None,
    last_step: LastStep = None,
    points: Annotated[int, Query(ge=1, le=DATA_POINTS_MAX)] = 1000,
) -> Response:
    check_window(first_step, last_step)

    def read() -> Response:
        found = server.reader.data_of_runs(runs, keys, first_step=first_step, last_step=last_step, points=points)
        return JsonResponse({"runs": found})

    return await asyncio.to_thread(read)
