"""Muting a rule from the card of an incident in a real browser, and letting it speak again."""

import math
from collections.abc import Callable
from typing import Any

from browser import Viewer
from script import Script

MakeScript = Callable[..., Script]
MakeViewer = Callable[..., Viewer]
REASON = "known: the <b>loader</b> is being mended"


def broken(script: MakeScript) -> Script:
    """A run whose loss is NaN from step 100 on."""
    run = script(name="broken")
    run.log(0, 99)
    run.log(100, 150, loss=math.nan)
    return run


def mutes(run: Script) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run.client.get(f"/runs/{run.run_id}/mutes").json()["mutes"]
    return found


def test_a_rule_is_muted_with_a_reason_and_speaks_again(script: MakeScript, viewer: MakeViewer) -> None:
    run, window = broken(script), viewer()
    window.open(run.path)
    form = window.page.locator("form[data-mute]").first
    window.eventually(lambda: form.count() == 1)
    window.page.locator("details.mute > summary").first.click()
    form.get_by_label("Why").fill(REASON)
    form.get_by_role("button", name="Mute").click()
    window.eventually(lambda: [entry["reason"] for entry in mutes(run)] == [REASON])
    listed = window.page.locator(".mutes li")
    window.eventually(lambda: listed.count() == 1)
    assert REASON in listed.first.text_content()
    assert window.page.locator("form[data-mute]").count() == 0

    window.page.locator(".mutes > summary").click()
    listed.get_by_role("button", name="Unmute").click()
    window.eventually(lambda: mutes(run) == [])
    window.eventually(lambda: window.page.locator("form[data-mute]").count() == 1)
    assert listed.count() == 0


def test_a_mute_without_a_reason_is_not_sent(script: MakeScript, viewer: MakeViewer) -> None:
    run, window = broken(script), viewer()
    window.open(run.path)
    window.eventually(lambda: window.page.locator("form[data-mute]").count() == 1)
    window.page.locator("details.mute > summary").first.click()
    form = window.page.locator("form[data-mute]").first
    form.get_by_role("button", name="Mute").click()
    assert form.get_by_label("Why").evaluate("(field) => field.validity.valueMissing")
    assert mutes(run) == []


def test_news_leave_the_form_alone_while_a_reason_is_written(script: MakeScript, viewer: MakeViewer) -> None:
    run, window = broken(script), viewer()
    window.open(run.path)
    evidence = window.page.locator(".card .evidence").first
    window.eventually(lambda: "steps 100 to 150" in evidence.text_content())
    window.page.locator("details.mute > summary").first.click()
    reason = window.page.locator("form[data-mute]").first.get_by_label("Why")
    reason.fill(REASON)
    run.log(151, 200, loss=math.nan)
    window.eventually(lambda: "200" in window.page.locator("#run-figures").text_content())
    assert reason.input_value() == REASON
    assert "steps 100 to 150" in evidence.text_content()
    window.page.locator("details.mute > summary").first.click()
    window.eventually(lambda: "steps 100 to 200" in evidence.text_content())
