"""The pages where the network is not as one would like it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser import LOST_CONNECTION, Viewer
from playwright.sync_api import Browser
from script import Script
from stripping_proxy import StrippingProxy

MakeScript = Callable[..., Script]
MakeViewer = Callable[..., Viewer]
NO_WEBSOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"


def test_without_websockets_the_page_asks_again_and_again_and_says_so(script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 49)
    window = viewer()
    window.page.add_init_script(NO_WEBSOCKETS)
    window.open(run.path)
    window.eventually(lambda: "every 2 seconds" in window.page.locator("[data-live]").inner_text())
    run.log(50, 99, loss=0.25)
    window.eventually(lambda: window.trace("loss")["x"] == list(range(100)))
    run.log(100, 120, loss=0.25)
    window.eventually(lambda: window.trace("loss")["x"] == list(range(121)))
    window.eventually(lambda: window.trace("layers")["x"][-1] == 120)
    window.eventually(lambda: window.page.locator(".figure .value").first.inner_text() == "120")


def test_without_websockets_a_network_of_many_layers_stays_live(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(layers=150)
    run.log(0, 20)
    window = viewer()
    window.page.add_init_script(NO_WEBSOCKETS)
    window.open(run.path)
    run.log(21, 40)
    window.eventually(lambda: window.trace("layers")["x"][-1] == 40)


def test_a_server_that_is_gone_is_called_gone(server: Any, script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 49)
    window = viewer()
    window.allowed = (*LOST_CONNECTION, "the server did not respond")
    window.page.add_init_script(NO_WEBSOCKETS)
    window.open(run.path)
    window.eventually(lambda: "every 2 seconds" in window.page.locator("[data-live]").inner_text())
    server.stop()
    window.eventually(lambda: "connection lost" in window.page.locator("[data-live]").inner_text())
    server.start()
    window.eventually(lambda: "every 2 seconds" in window.page.locator("[data-live]").inner_text())


@pytest.fixture
def proxy() -> Iterator[StrippingProxy]:
    """A proxy that serves what is under `/vitals` of its own address."""
    proxy = StrippingProxy("/vitals")
    yield proxy
    proxy.close()


def test_the_pages_work_behind_a_proxy_that_strips_a_path(
    proxy: StrippingProxy, start_server: Callable[..., Any], chromium: Browser
) -> None:
    server = start_server(TRAINVITALS_PUBLIC_URL=f"http://127.0.0.1:{proxy.port}/vitals")
    proxy.forward_to(server.port)
    run = Script(f"http://127.0.0.1:{server.port}", name="proxied")
    run.log(0, 49, histograms=True)
    window = Viewer(chromium, f"http://127.0.0.1:{proxy.port}")
    window.open("/vitals/")
    window.page.get_by_role("link", name="proxied").click()
    window.until("() => document.title.startsWith('proxied')")
    window.settle()
    assert window.page.url == f"http://127.0.0.1:{proxy.port}/vitals{run.path}"
    window.eventually(lambda: window.page.locator("[data-live]").inner_text() == "● live")
    run.log(50, 99)
    window.eventually(lambda: window.trace("loss")["x"] == list(range(100)))
    window.page.get_by_role("button", name="Activation std").click()
    window.page.reload()
    window.settle()
    assert "Activation std" in window.page.locator(".switch [aria-pressed=true]").all_inner_texts()
    assert not [path for path in proxy.seen if not path.startswith("/vitals")]
    run.client.close()
    window.close()
