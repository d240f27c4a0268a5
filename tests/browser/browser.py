"""A Chromium whose pages fail the test on a console error and on a request to any other host."""

import shutil
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT_SECONDS_MAX = 30
LOST_CONNECTION = ("WebSocket connection", "net::ERR_CONNECTION_REFUSED")
"""What a browser itself says while a server is away; a test that stops the server allows it."""


def chromium_path() -> str | None:
    """Where the system's Chromium is, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)


class Viewer:
    """Somebody who looks at pages of a server."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self._context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
        self.page: Page = self._context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.allowed: tuple[str, ...] = ()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in self.allowed):
            self.complaints.append(f"{message.type}: {message.text} {message.location}")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"http://{parts.netloc}" != self.address:
            self.complaints.append(f"request to another host: {request.url}")

    def open(self, path: str) -> None:
        """Go to a page and wait until all of its charts are drawn."""
        self.page.goto(self.address + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is there and all of its charts are drawn."""
        self.until(
            "() => !!document.querySelector('#page [data-title]') &&"
            " [...document.querySelectorAll('[data-chart]')].every((place) => place.dataset.drawn)"
        )

    def until(self, script: str, argument: Any = None) -> Any:
        """Ask the page until the answer is true. Playwright's own waiting needs `eval`, which the pages forbid."""
        return self.eventually(lambda: self.page.evaluate(script, argument), script)

    def eventually(self, question: Callable[[], Any], words: str = "") -> Any:
        """Ask until the answer is true."""
        end = time.monotonic() + WAIT_SECONDS_MAX
        while not (answer := question()):
            assert time.monotonic() < end, f"never came true: {words or question}; complaints: {self.complaints}"
            self.page.wait_for_timeout(50)
        return answer

    def trace(self, chart: str, place: int = 0) -> dict[str, list[float]]:
        """The x and y (or the last column of z) that plotly drew for a trace of a chart."""
        return self.page.evaluate(
            """([chart, place]) => {
                const trace = document.querySelector(`[data-chart=${chart}] .plot`)._fullData[place];
                return { x: [...trace.x], y: trace.z ? trace.z.map((row) => row[row.length - 1]) : [...trace.y] };
            }""",
            [chart, place],
        )

    def drawn(self, chart: str) -> int:
        """How many points (or columns) plotly drew for the first trace of a chart; 0 before it has one."""
        return int(
            self.page.evaluate(
                """(chart) => {
                    const traces = document.querySelector(`[data-chart=${chart}] .plot`)._fullData || [];
                    return traces.length ? traces[0].x.length : 0;
                }""",
                chart,
            )
        )

    def close(self) -> None:
        """Close, and say what went wrong in the page."""
        self._context.close()
        assert not self.complaints, "\n".join(self.complaints)
