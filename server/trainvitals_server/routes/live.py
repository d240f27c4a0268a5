"""The live channel, and the same points over plain HTTP where a proxy blocks WebSockets."""

from fastapi import APIRouter, WebSocket

from trainvitals_server.live.viewer import Viewer
from trainvitals_server.services import Server

router = APIRouter(prefix="/api/v1")


@router.websocket("/live")
async def live(socket: WebSocket, server: Server) -> None:
    await Viewer(server.hub, socket).serve()
