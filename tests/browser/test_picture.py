from pathlib import Path

from playwright.sync_api import Browser
from run_page_picture import take


def test_the_picture_of_the_run_page_can_be_made_again(chromium: Browser, tmp_path: Path) -> None:
    take(chromium, tmp_path / "run_page.png")
    assert (tmp_path / "run_page.png").read_bytes()[:4] == b"\x89PNG"
