"""The facts of one kind."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.query import EMPTY_IS_ABSENT, Key
from trainvitals_server.services import Server
from trainvitals_wire.limits import KEY_LENGTH_MAX

Owner = Annotated[str, Field(max_length=KEY_LENGTH_MAX)]

router = APIRouter(prefix="/api/v1")


@router.get("/runs/{run_id}/facts")
async def facts(
    run_id: str,
    server: Server,
    kind: Key,
    owner: Annotated[Owner | None, EMPTY_IS_ABSENT, Query()] = None,
) -> Response:
    def read() -> Response:
        return JsonResponse({"facts": server.reader.facts(run_id, kind, owner=owner)})

    return await asyncio.to_thread(read)
