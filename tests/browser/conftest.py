"""A real server, a real browser, and a script that sends."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browser import Viewer, chromium_path, launch
from playwright.sync_api import Browser, sync_playwright
from script import Script


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests fail in CI, and are skipped with the reason elsewhere.

    Playwright keeps an event loop running in this thread; were it open for the session, every later `asyncio.run` would
    fail.
    """
    if chromium_path() is None:
        reason = "no Chromium on this machine: install the package `chromium`"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def server(start_server: Callable[..., Any]) -> Any:
    """A server with an empty database."""
    return start_server()


@pytest.fixture
def script(server: Any) -> Iterator[Callable[..., Script]]:
    """`script(name=..., layers=...)` creates a run and sends to it."""
    made: list[Script] = []

    def make(**fields: Any) -> Script:
        made.append(Script(server.url, **fields))
        return made[-1]

    yield make
    for sender in made:
        sender.client.close()


@pytest.fixture
def viewer(chromium: Browser, server: Any) -> Iterator[Callable[..., Viewer]]:
    """`viewer(viewport=..., color_scheme=...)` opens a browser window; at the end it must have had no complaints."""
    opened: list[Viewer] = []

    def open_window(**context: Any) -> Viewer:
        opened.append(Viewer(chromium, server.url, **context))
        return opened[-1]

    yield open_window
    for window in opened:
        window.close()
