"""The run page in a real browser, over a real server."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from browser import LOST_CONNECTION, Viewer
from script import Script

MakeScript = Callable[..., Script]
MakeViewer = Callable[..., Viewer]


def test_the_page_draws_loss_heat_map_histograms_and_table(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(name="first", layers=6)
    run.log(0, 99, histograms=True)
    window = viewer()
    window.open(run.path)
    assert window.page.locator("h1").inner_text() == "first"
    assert window.trace("loss")["x"] == list(range(100))
    assert len(window.trace("layers")["y"]) == 6
    assert window.page.locator("table.layers tbody tr").count() == 6
    assert window.page.locator("table.layers .spark path[d^=M]").count() == 18
    assert window.trace("histogram")["x"] == [99]
    assert "went from" in window.page.locator("[data-chart=loss] p").text_content()


def test_values_that_come_later_appear_without_a_reload(script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 49)
    window = viewer()
    window.open(run.path)
    window.page.evaluate("() => { window.untouched = true; }")
    run.log(50, 99, loss=0.25)
    window.eventually(lambda: window.trace("loss")["x"] == list(range(100)))
    assert window.trace("loss")["y"][50:] == [0.25] * 50
    assert len(window.trace("loss", 1)["x"]) == 100
    window.eventually(lambda: window.trace("layers")["x"][-1] == 99)
    window.eventually(lambda: window.page.locator(".figure .value").first.inner_text() == "99")
    assert window.page.evaluate("() => window.untouched")


def test_a_reload_of_the_copied_address_shows_the_same_view(script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 99, histograms=True)
    window = viewer()
    window.open(run.path)
    window.page.get_by_role("button", name="Activation std").click()
    window.page.get_by_role("button", name="blocks.3.linear", exact=True).click()
    window.page.get_by_label("Smoothing").select_option("0.99")
    window.page.evaluate(
        "() => Plotly.relayout(document.querySelector('[data-chart=loss] .plot'),"
        " {'xaxis.range[0]': 20, 'xaxis.range[1]': 60})"
    )
    window.until("() => window.location.search.includes('zoom=20_60')")
    address = window.page.url
    assert all(part in address for part in ("statistic=activation_std", "layer=blocks.3.linear", "smoothing=0.99"))

    other = viewer()
    other.open(urlsplit(address).path + "?" + urlsplit(address).query)
    pressed = other.page.locator(".switch [aria-pressed=true]").all_inner_texts()
    assert "Activation std" in pressed
    assert other.page.locator("tr[aria-selected=true]").get_attribute("data-layer") == "blocks.3.linear"
    assert other.page.get_by_label("Smoothing").input_value() == "0.99"
    ranges = "() => document.querySelector('[data-chart=loss] .plot')._fullLayout.xaxis.range.map(Math.round)"
    assert other.page.evaluate(ranges) == [20, 60]
    window.page.go_back()
    window.until("() => !window.location.search.includes('smoothing')")
    window.eventually(lambda: window.page.get_by_label("Smoothing").input_value() == "0.9")


def test_a_click_on_a_row_of_the_heat_map_chooses_the_layer(script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 99, histograms=True)
    window = viewer()
    window.open(run.path)
    rows = window.page.locator("[data-chart=layers] .plot .nsewdrag").first
    rows.scroll_into_view_if_needed()
    box = rows.bounding_box()
    assert box is not None
    window.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 4.5 / 6)
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 4.5 / 6)
    window.until("() => window.location.search.includes('layer=blocks.4.linear')")
    assert window.page.locator("tr[aria-selected=true]").get_attribute("data-layer") == "blocks.4.linear"


def test_html_in_names_is_text(script: MakeScript, viewer: MakeViewer) -> None:
    name = "<img src=x onerror=alert(1)><b>bold</b>"
    run = script(name=name, tags=["<i>tag</i>"], project="<u>project</u>")
    run.log(0, 20)
    window = viewer()
    for path in ("/", run.path, f"/compare?runs={run.run_id}"):
        window.open(path)
        assert name in window.page.locator("#page").inner_text()
        assert window.page.locator("#page img, #page b, #page i, #page u").count() == 0


def test_an_unknown_run_gets_a_page_that_says_so(viewer: MakeViewer) -> None:
    window = viewer()
    window.open("/runs/nothing-here")
    assert "Not found" in window.page.locator("h1").inner_text()
    assert window.page.get_by_role("link", name="All runs").count() == 1


def test_the_page_goes_on_after_a_server_restart_without_gaps(
    server: Any, script: MakeScript, viewer: MakeViewer
) -> None:
    run = script()
    run.log(0, 49)
    window = viewer()
    # A callback of Dash may be under way when the server stops.
    window.allowed = (*LOST_CONNECTION, "the server did not respond")
    window.open(run.path)
    window.until("() => document.querySelector('[data-live]').dataset.live === 'live'")
    server.stop()
    window.until("() => document.querySelector('[data-live]').dataset.live !== 'live'")
    server.start()
    run.log(50, 99)
    window.until("() => document.querySelector('[data-live]').dataset.live === 'live'")
    run.log(100, 120)
    window.eventually(lambda: window.trace("loss")["x"] == list(range(121)))
    window.eventually(lambda: window.trace("layers")["x"][-1] == 120)


def test_the_theme_follows_the_system_and_can_be_changed_without_touching_the_address(
    script: MakeScript, viewer: MakeViewer
) -> None:
    run = script()
    run.log(0, 20)
    window = viewer(color_scheme="light")
    window.open(run.path)
    assert window.page.evaluate("() => document.documentElement.dataset.theme") == "light"
    address = window.page.url
    window.page.get_by_role("button", name="Switch between dark and light").click()
    assert window.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert window.page.url == address
    window.page.reload()
    window.settle()
    assert window.page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_a_phone_shows_every_page_without_scrolling_sideways(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(name="a-run-with-a-rather-long-name-that-does-not-fit-on-one-line-of-a-phone", layers=12)
    run.log(0, 60, histograms=True)
    window = viewer(viewport={"width": 390, "height": 844})
    layer = f"{run.path}/layers/blocks.3.linear"
    for path in ("/", run.path, layer, f"/compare?runs={run.run_id}", "/settings"):
        window.open(path)
        assert window.page.evaluate("() => document.documentElement.scrollWidth") <= 390, path


def test_the_histograms_begin_with_the_layer_on_top_of_the_table(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(layers=3)
    run.log(0, 30, histograms=True)
    window = viewer()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.open(run.path)
    top = window.page.locator("table.layers [data-layer]").first.get_attribute("data-layer")
    figures = [url for url in asked if "/figures/histogram" in url]
    assert figures and all(f"layer={top}" in url for url in figures)
    assert window.page.locator("[data-chosen=layer]").inner_text() == top


def test_a_layer_beyond_the_table_is_found_by_its_name(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(layers=230)
    run.log(0, 20)
    window = viewer()
    window.open(run.path)
    assert window.page.locator("table.layers tbody tr").count() == 200
    assert "200 worst of 230 layers" in window.page.locator("#run-layers").inner_text()
    finder = window.page.get_by_label("Find a layer")
    finder.fill("linear 229")
    finder.press("Enter")
    window.eventually(lambda: "layer=blocks.229.linear" in window.page.url)
    window.eventually(lambda: window.page.locator("[data-chosen=layer]").inner_text() == "blocks.229.linear")
