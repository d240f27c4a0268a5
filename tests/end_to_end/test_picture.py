"""The picture of the README shows the real page, and can be taken again."""

import importlib.util
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "docs" / "images" / "take_run_page.py"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.browser
@pytest.mark.training
def test_the_picture_of_the_readme_can_be_taken_again(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("take_run_page", PROGRAM)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    program.take(tmp_path / "page.png", steps=40)
    picture = (tmp_path / "page.png").read_bytes()
    width, height = int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
    assert picture.startswith(PNG)
    assert width == 1440
    assert height > 1000
    assert (PROGRAM.parent / "run_page.png").read_bytes().startswith(PNG)
