"""The heat map: one statistic of all layers over the steps."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.query import FirstStep, Key, LastStep, check_window
from trainvitals_server.services import Server
from trainvitals_wire.limits import HISTOGRAM_COLUMNS_MAX
from trainvitals_wire.names import EVALUATION_PREFIX, STATISTICS

router = APIRouter(prefix="/api/v1")

OF_LAYERS = tuple(statistic.name for statistic in STATISTICS if statistic.owner != "run")
"""The statistics that each layer has, itself or through its largest parameter."""


@router.get("/heatmap")
async def heatmap(
    server: Server,
    run: Key,
    statistic: Key,
    first_step: FirstStep = None,
    last_step: LastStep = None,
    columns: Annotated[int, Query(ge=1, le=HISTOGRAM_COLUMNS_MAX)] = 500,
) -> Response:
    check_window(first_step, last_step)
    if statistic.removeprefix(EVALUATION_PREFIX) not in OF_LAYERS:
        hint = f"Known: {', '.join(OF_LAYERS)}; with eval/ before it, of evaluation passes."
        raise ApiError(422, "unknown_statistic", f"{statistic!r:.80} is no statistic of layers.", hint)

    def read() -> Response:
        return JsonResponse(
            server.reader.heatmap(run, statistic, first_step=first_step, last_step=last_step, columns=columns)
        )

    return await asyncio.to_thread(read)
