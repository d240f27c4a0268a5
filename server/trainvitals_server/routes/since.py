"""Points after a cursor over plain HTTP, for viewers behind a proxy that blocks WebSockets."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from trainvitals_server.json_response import JsonResponse
from trainvitals_server.live.ranges import encode_range
from trainvitals_server.query import EMPTY_IS_ABSENT, Keys, Step
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")

MEDIA_TYPE = "application/vnd.trainvitals.points"


@router.get("/runs/{run_id}/since")
async def since(
    run_id: str,
    server: Server,
    keys: Keys,
    cursor: Annotated[Step | None, EMPTY_IS_ABSENT] = None,
    epoch: Annotated[Annotated[str, Field(max_length=64)] | None, EMPTY_IS_ABSENT] = None,
) -> Response:
    """Without a cursor the present one as JSON; else the messages of the live channel, each padded to 8 bytes.

    Where the server cannot tell what came since, `{"type": "reset", ...}` with the present cursor: fetch again.
    """
    return await asyncio.to_thread(_since, server, run_id, tuple(dict.fromkeys(keys)), cursor, epoch)


def _since(server: Server, run_id: str, keys: tuple[str, ...], cursor: int | None, epoch: str | None) -> Response:
    position = server.store.position(run_id)
    place = {"run": run_id, "cursor": position.cursor, "epoch": position.epoch}
    if cursor is None:
        return JsonResponse({"type": "subscribed", **place})
    found = server.store.since(run_id, cursor, keys) if epoch == position.epoch else None
    if found is None:
        return JsonResponse({"type": "reset", **place})
    range_ = encode_range("", run_id, position.epoch, cursor, found.cursor, found.frames)
    body = b"".join(message + bytes(-len(message) % 8) for message in range_.messages)
    headers = {"trainvitals-cursor": str(found.cursor), "trainvitals-epoch": position.epoch}
    return Response(body, headers=headers, media_type=MEDIA_TYPE)
