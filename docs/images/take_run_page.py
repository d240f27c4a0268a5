"""Takes the picture of the README again (`make screenshot`): the page of the demo's sigmoid stack, freshly trained."""

import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

import trainvitals as tv
from trainvitals_command.demo.background_server import background_server
from trainvitals_command.demo.trainings.gpt_sigmoid_stack import TRAINING

PICTURE = Path(__file__).with_name("run_page.png")
STEPS = 300
WAIT_SECONDS_MAX = 30
DRAWN = """() => !!document.querySelector("[data-chart]") &&
    [...document.querySelectorAll("[data-chart]")].every((place) => place.dataset.drawn)"""


def take(picture: Path = PICTURE, *, steps: int = STEPS) -> None:
    """Train for so many steps on a server of its own, and write the page of the run as PNG."""
    with (
        TemporaryDirectory() as folder,
        background_server(database=f"sqlite:///{folder}/runs.db", port=0) as server,
    ):
        with tv.init("demo", TRAINING.name, TRAINING.config, TRAINING.tags, server=server.url, dir=folder) as run:
            TRAINING.train(run, steps=steps)
        photograph(str(run.url), picture)


def photograph(url: str, picture: Path) -> None:
    """The whole page, once all of its charts are drawn, in the dark theme at twice the resolution."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
        page.goto(url)
        wait_until_drawn(page)
        page.screenshot(path=picture, full_page=True)
        browser.close()


def wait_until_drawn(page: Page) -> None:
    """Ask again and again: playwright's own waiting needs `eval`, which the pages forbid."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while not page.evaluate(DRAWN):
        if time.monotonic() > end:
            sys.exit("the page was not drawn in time")
        page.wait_for_timeout(100)


if __name__ == "__main__":
    take()
