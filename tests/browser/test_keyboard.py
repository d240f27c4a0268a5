"""The run page without a mouse, and for those who want nothing to move."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from browser import Viewer
from script import Script

MakeScript = Callable[..., Script]
MakeViewer = Callable[..., Viewer]
TABS_MAX = 80
FOCUSED = "() => (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"


def _tab_to(window: Viewer, name: str) -> None:
    """Press Tab until the element of this name has the focus, which must be to be seen."""
    for _ in range(TABS_MAX):
        window.page.keyboard.press("Tab")
        if window.page.evaluate(FOCUSED) == name:
            assert window.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never came to {name}")


def _view(window: Viewer) -> dict[str, list[str]]:
    return parse_qs(urlsplit(window.page.url).query)


def test_a_run_is_opened_and_read_with_the_keyboard_alone(script: MakeScript, viewer: MakeViewer) -> None:
    run = script(name="typed", layers=4)
    for last in (19, 39, 59):
        run.log(last - 19, last, histograms=True)
    window = viewer()
    window.open("/")
    _tab_to(window, "typed")
    window.page.keyboard.press("Enter")
    window.until("() => document.title.startsWith('typed')")
    window.settle()
    _tab_to(window, "Log")
    window.page.keyboard.press("Enter")
    window.until("() => document.querySelector('[data-chart=loss] .plot')._fullLayout.yaxis.type === 'log'")
    _tab_to(window, "Activation std")
    window.page.keyboard.press("Enter")
    _tab_to(window, "blocks.2.linear")
    window.page.keyboard.press("Enter")
    assert window.page.locator("tr[aria-selected=true]").get_attribute("data-layer") == "blocks.2.linear"
    _tab_to(window, "Bands")
    window.page.keyboard.press("Space")
    window.eventually(lambda: "median" in _names(window, "histogram"))
    _tab_to(window, "One step")
    window.page.keyboard.press("Space")
    window.eventually(lambda: _names(window, "ridgeline") == ["step 59"])
    _tab_to(window, "Step of the histogram")
    window.page.keyboard.press("ArrowLeft")
    window.eventually(lambda: _names(window, "ridgeline") == ["step 39"])
    window.page.keyboard.press("Home")
    window.eventually(lambda: _names(window, "ridgeline") == ["step 19"])
    assert _view(window) == {
        "scale": ["log"], "statistic": ["activation_std"], "layer": ["blocks.2.linear"], "spread": ["quantiles"],
        "snapshot": ["histogram_step"], "step": ["19"],
    }  # fmt: skip
    window.page.reload()
    window.settle()
    assert _names(window, "ridgeline") == ["step 19"] and "median" in _names(window, "histogram")


def _names(window: Viewer, chart: str) -> list[str]:
    names: list[str] = window.page.evaluate(
        "(chart) => (document.querySelector(`[data-chart=${chart}] .plot`)._fullData || []).map((trace) => trace.name)",
        chart,
    )
    return names


def test_nothing_moves_for_those_who_ask_for_it(script: MakeScript, viewer: MakeViewer) -> None:
    run = script()
    run.log(0, 20)
    moving = "() => document.getAnimations().length"
    lively, still = viewer(), viewer(reduced_motion="reduce")
    for window in (lively, still):
        window.open(run.path)
        window.until("() => document.querySelector('[data-live]').dataset.live === 'live'")
    assert lively.page.evaluate(moving) == 1
    assert still.page.evaluate(moving) == 0
