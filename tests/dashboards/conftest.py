"""Pages over runs in memory."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parent))

from sample_reader import SampleReader, gpt_run

from trainvitals_dashboards import PagesSettings, attach


@pytest.fixture(scope="session")
def reader() -> SampleReader:
    """A sick GPT of twelve blocks and its healthy twin."""
    return SampleReader(gpt_run("sick"), gpt_run("healthy", "<b>twin</b>", sick=False))


@pytest.fixture
def ask(reader: SampleReader) -> Callable[..., httpx.Response]:
    """`ask(path)` gets a path from an app with pages."""

    def get(path: str, **settings: Any) -> httpx.Response:
        app = FastAPI()
        attach(app, reader, PagesSettings(**settings))

        async def talk() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.get(path)

        return asyncio.run(talk())

    return get
