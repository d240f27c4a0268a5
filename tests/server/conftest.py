"""A server on a real store, asked without a network."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from trainvitals_server.app import create_app
from trainvitals_server.diagnosis.diagnosis import Diagnosis
from trainvitals_server.settings import Settings
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.tables import Base
from trainvitals_wire.encoding import CONTENT_TYPE, encode
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.report import Report

ADDRESS = "http://127.0.0.1:8765"
LAYER: dict[str, Any] = {
    "name": "conv",
    "type": "Conv2d",
    "order": 0,
    "output_shape": [32, 8],
    "parameters": [
        {"name": "conv.weight", "shape": [8, 3], "dtype": "float32", "trainable": True, "in_optimizer": True}
    ],
}


class Writer:
    """A run and the reports that a writer of it sends."""

    def __init__(self, created: dict[str, Any]) -> None:
        self.run_id: str = created["id"]
        self.writer_id: str = created["writer_id"]
        self.created = created

    def losses(self, sequence: int, count: int = 10) -> bytes:
        """Report number `sequence` of a script that logs `count` losses in each; a loss is its step."""
        steps = np.arange((sequence - 1) * count, sequence * count, dtype=np.int64)
        frame = Frame(("loss",), steps, 1.7e9 + steps, steps.astype(np.float64)[:, None])
        return self.report(sequence, frame)

    def report(self, sequence: int, *frames: Frame, **others: Any) -> bytes:
        """A report of these frames."""
        return encode(Report(self.writer_id, sequence, frames=frames, **others))

    def report_without_keys(self, sequence: int, frame: Frame) -> bytes:
        """A report whose frame names its column list by the identifier alone."""
        return encode(Report(self.writer_id, sequence, frames=(frame,)), {columns_id(frame.keys)})

    def rich(self) -> bytes:
        """A first report with losses, statistics, a histogram and a layer."""
        steps = np.arange(20, dtype=np.int64)
        keys = ("activation_std/conv", "gradient_norm/conv.weight")
        statistics = Frame(keys, steps[:3], 1.7e9 + steps[:3], np.ones((3, 2), dtype=np.float32))
        losses = Frame(("loss",), steps, 1.7e9 + steps, steps.astype(np.float64)[:, None])
        weights = Histogram.of("weight/conv.weight", 5, 1.7e9, np.linspace(-1, 1, 100, dtype=np.float32))
        return self.report(1, losses, statistics, histograms=(weights,), layers=(LAYER,), dropped={"queue_full": 2})


class Client(httpx.AsyncClient):
    """A client that knows how scripts talk to a server."""

    async def new_run(self, **fields: Any) -> Writer:
        answer = await self.post("/api/v1/runs", json={"project": "digits", "name": "cnn", **fields})
        assert answer.status_code == 201, answer.text
        return Writer(answer.json())

    async def report(self, run_id: str, body: bytes, content_type: str = CONTENT_TYPE) -> httpx.Response:
        return await self.post(f"/api/v1/runs/{run_id}/reports", content=body, headers={"content-type": content_type})


Talk = Callable[..., None]
MakeApp = Callable[..., FastAPI]


@pytest.fixture
def served_engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database with all tables."""
    engine = open_engine(f"sqlite:///{tmp_path / 'runs.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def make_app(served_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> MakeApp:
    """`make_app(settings={...}, judged=True)` gives the application on a store of the database."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TRAINVITALS_{name.upper()}", raising=False)

    def make(
        settings: dict[str, Any] | None = None,
        clock: Callable[[], float] | None = None,
        judged: bool = False,
        **others: Any,
    ) -> FastAPI:
        chosen = Settings(**(settings or {}))
        store = Store(served_engine) if clock is None else Store(served_engine, clock=clock)
        if judged:
            others["diagnosis"] = partial(Diagnosis, store)
        return create_app(chosen, store, StorageReader(store, chosen.run_url), **others)

    return make


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[Client]:
    """A client of the started application."""
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), Client(transport=transport, base_url=ADDRESS) as client:
        yield client


@pytest.fixture
def talk(make_app: MakeApp) -> Talk:
    """`talk(conversation, settings={...})` runs an async conversation with a fresh server."""

    def run(conversation: Callable[[Client], Awaitable[None]], app: FastAPI | None = None, **others: Any) -> None:
        async def converse() -> None:
            async with running(app or make_app(**others)) as client:
                await conversation(client)

        asyncio.run(converse())

    return run


class ReadyServer(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="websockets-sansio"))
        self.ready = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self.servers[0].sockets[0].getsockname()
        return f"{host}:{port}"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of the application on a real socket."""
    server = ReadyServer(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.ready.wait(30)
        yield server.address
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """`with serve(app) as address:` serves it on a free loopback port."""
    return served


@pytest.fixture
def writer() -> type[Writer]:
    """Makes the reports of a created run."""
    return Writer
