"""Histograms of one key over the steps."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.query import FirstStep, Key, LastStep, check_window
from trainvitals_server.services import Server
from trainvitals_wire.limits import HISTOGRAM_COLUMNS_MAX

router = APIRouter(prefix="/api/v1")


@router.get("/runs/{run_id}/histograms")
async def histograms(
    run_id: str,
    server: Server,
    key: Key,
    first_step: FirstStep = None,
    last_step: LastStep = None,
    columns: Annotated[int, Query(ge=1, le=HISTOGRAM_COLUMNS_MAX)] = 200,
) -> Response:
    check_window(first_step, last_step)

    def read() -> Response:
        return JsonResponse(
            server.reader.histograms(run_id, key, first_step=first_step, last_step=last_step, columns=columns)
        )

    return await asyncio.to_thread(read)
