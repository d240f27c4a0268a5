"""Makes the picture of the run page: `python tests/browser/run_page_picture.py` writes docs/images/run_page.png."""

import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "dashboards")]

from browser import Viewer, launch  # noqa: E402
from sample_reader import SampleReader, gpt_run  # noqa: E402

from trainvitals_dashboards import PagesSettings, attach, warm  # noqa: E402

PICTURE = HERE.parents[1] / "docs" / "images" / "run_page.png"


@contextmanager
def sample_server() -> Iterator[str]:
    """The address of pages over made-up runs, in a thread."""
    app = FastAPI(lifespan=_warmed)
    app.add_api_websocket_route("/api/v1/live", _silent_channel)
    attach(app, SampleReader(gpt_run()), PagesSettings())
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@asynccontextmanager
async def _warmed(app: FastAPI) -> AsyncIterator[None]:
    await warm(app)
    yield


async def _silent_channel(channel: WebSocket) -> None:
    await channel.accept()
    async for _ in channel.iter_text():
        pass


def take(browser: Browser, path: Path) -> None:
    """Write the picture to `path`."""
    with sample_server() as address:
        window = Viewer(browser, address, color_scheme="dark")
        window.open("/runs/sick?layer=blocks.7.attn.qkv")
        window.until("() => document.querySelector('[data-live]').dataset.live === 'live'")
        window.page.screenshot(path=path, full_page=True)
        window.close()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        take(chromium, PICTURE)
        chromium.close()
