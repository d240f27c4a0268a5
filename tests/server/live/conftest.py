"""Viewers on real WebSockets, and writers beside them."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from trainvitals_wire.encoding import CONTENT_TYPE
from trainvitals_wire.live import Points, decode_points

Message = dict[str, Any] | Points
PATIENCE_SECONDS = 30


class Viewer:
    """One open live channel."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def hear(self) -> Message:
        """The next message of any kind."""
        message = self.socket.recv(PATIENCE_SECONDS)
        return decode_points(message) if isinstance(message, bytes) else json.loads(message)

    def expect(self, kind: str) -> dict[str, Any]:
        """The next control message of this kind; others, and points, are passed over."""
        while True:
            message = self.hear()
            if isinstance(message, dict) and message["type"] == kind:
                return message

    def points(self, steps_min: int) -> list[Points]:
        """Messages of points until they hold so many steps."""
        found: list[Points] = []
        while sum(len(points.frame.steps) for points in found) < steps_min:
            message = self.hear()
            if isinstance(message, Points):
                found.append(message)
        return found

    def subscribe(self, run: str, *series: str, id: str = "a", **place: Any) -> dict[str, Any]:  # noqa: A002
        """Subscribe and return the answer."""
        self.say(type="subscribe", id=id, run=run, series=list(series or ["loss"]), **place)
        while True:
            message = self.hear()
            if isinstance(message, dict) and message["type"] in {"subscribed", "reset", "error"}:
                return message


class Site:
    """A served application: open viewers, create runs, send reports."""

    def __init__(self, app: FastAPI, address: str, writer: Any) -> None:
        self.app = app
        self.address = address
        self.http = httpx.Client(base_url=f"http://{address}")
        self._writer = writer

    @contextmanager
    def viewer(self, **headers: str) -> Iterator[Viewer]:
        with connect(f"ws://{self.address}/api/v1/live", additional_headers=headers, open_timeout=30) as socket:
            yield Viewer(socket)

    def new_run(self, **fields: Any) -> Any:
        answer = self.http.post("/api/v1/runs", json={"project": "p", "name": "n", **fields})
        return self._writer(answer.json())

    def report(self, run: Any, body: bytes) -> None:
        headers = {"content-type": CONTENT_TYPE}
        answer = self.http.post(f"/api/v1/runs/{run.run_id}/reports", content=body, headers=headers)
        assert answer.status_code == 202, answer.text


@pytest.fixture
def open_site(
    make_app: Callable[..., FastAPI], serve: Callable[[FastAPI], AbstractContextManager[str]], writer: Any
) -> Callable[..., AbstractContextManager[Site]]:
    """`with open_site() as site:` serves an application; call it again for a restarted one on the same database."""

    @contextmanager
    def open_(**others: Any) -> Iterator[Site]:
        app = make_app(**others)
        with serve(app) as address:
            site = Site(app, address, writer)
            yield site
            site.http.close()

    return open_


@pytest.fixture
def site(open_site: Callable[..., AbstractContextManager[Site]]) -> Iterator[Site]:
    with open_site() as site:
        yield site
