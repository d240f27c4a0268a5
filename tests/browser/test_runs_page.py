"""The runs table and the compare page in a real browser."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from browser import Viewer
from script import Script

MakeScript = Callable[..., Script]
MakeViewer = Callable[..., Viewer]


def test_an_empty_server_teaches_and_the_first_run_appears_by_itself(
    script: MakeScript, viewer: MakeViewer, server: Any
) -> None:
    window = viewer()
    window.open("/")
    assert f'server="{server.url}"' in window.page.locator("pre").inner_text()
    script(name="the first").log(0, 10)
    window.eventually(lambda: window.page.get_by_role("link", name="the first").count() == 1)


def test_filters_are_in_the_address_and_chosen_runs_are_compared(script: MakeScript, viewer: MakeViewer) -> None:
    runs = [script(name=f"run {place}", config={"lr": place}) for place in range(3)]
    for run in runs:
        run.log(0, 30)
    window = viewer()
    window.open("/")
    window.page.locator("#search").fill("run 1")
    window.eventually(lambda: window.page.locator("tr[data-run]").count() == 1)
    assert parse_qs(urlsplit(window.page.url).query) == {"search": ["run 1"]}
    window.page.locator("#search").fill("")
    window.eventually(lambda: window.page.locator("tr[data-run]").count() == 3)
    for name in ("run 0", "run 2"):
        window.page.get_by_role("checkbox", name=f"Choose {name}").click()
    window.page.get_by_role("button", name="Compare 2").click()
    window.until("() => document.title.startsWith('Compare')")
    window.settle()
    assert parse_qs(urlsplit(window.page.url).query)["runs"][0].split(",") == [runs[0].run_id, runs[2].run_id]
    assert window.page.locator("table.config tbody tr").inner_text().split() == ["lr", "0", "2"]
    assert window.trace("compare_loss")["x"] == list(range(31))
    empty = window.page.locator("[data-chart=compare]").bounding_box()
    assert empty is not None and empty["height"] < 100
    picker = window.page.get_by_label("Add a series")
    picker.focus()
    window.page.keyboard.type("rate learn")
    window.page.keyboard.press("Enter")
    window.eventually(lambda: "learning_rate" in window.page.url)
    window.eventually(lambda: window.page.locator(".chip").count() == 1)
    window.until("() => document.querySelector('[data-chart=compare] .plot')._fullData.length === 4")
    picker.fill("blocks.3 gradient")
    picker.press("Enter")
    window.eventually(lambda: window.page.url.endswith("series=learning_rate,gradient_norm/blocks.3.linear.weight"))
    window.page.get_by_role("button", name="Remove learning_rate").press("Enter")
    window.eventually(lambda: window.page.locator(".chip").count() == 1)
    window.page.go_back()
    window.page.go_back()
    window.page.go_back()
    window.until("() => document.querySelectorAll('.chip').length === 0")


def test_compared_runs_grow_live(script: MakeScript, viewer: MakeViewer) -> None:
    runs = [script(name=f"run {place}") for place in range(2)]
    for run in runs:
        run.log(0, 30)
    window = viewer()
    window.open("/compare?runs=" + ",".join(run.run_id for run in runs))
    for run in runs:
        run.log(31, 60)
    for place in (0, 2):
        window.eventually(lambda place=place: window.trace("compare_loss", place)["x"] == list(range(61)))


def test_a_picture_of_the_page_can_be_saved(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(name="picture me")
    run.log(0, 30, histograms=True)
    window = viewer()
    window.open(run.path)
    with window.page.expect_download() as saved:
        window.page.get_by_role("button", name="PNG", exact=True).click()
    assert saved.value.suggested_filename == "picture_me.png"


def test_more_than_a_hundred_runs_are_paged_and_sorted_with_the_keyboard(
    script: MakeScript, viewer: MakeViewer
) -> None:
    for place in range(103):
        script(name=f"run {place:03}")
    window = viewer()
    window.open("/")
    rows = window.page.locator("tr[data-run]")
    assert rows.count() == 100
    assert "100 of 103 runs" in window.page.locator(".more").inner_text()
    window.page.get_by_role("button", name="Show 100 more").press("Enter")
    window.eventually(lambda: rows.count() == 103)
    window.page.get_by_role("button", name="run", exact=True).press("Enter")
    window.eventually(lambda: "run 000" in rows.first.inner_text())
    window.page.get_by_role("button", name="run", exact=True).press("Enter")
    window.eventually(lambda: "run 102" in rows.first.inner_text())
    assert window.page.locator("th[aria-sort=descending]").inner_text().startswith("run")
    assert parse_qs(urlsplit(window.page.url).query) == {"rows": ["200"], "sort": ["-name"]}
    window.page.reload()
    window.eventually(lambda: rows.count() == 103 and "run 102" in rows.first.inner_text())
