"""Each rule of docs/rules.md has a picture of its symptom, from the run that its caption names."""

import re
from pathlib import Path

import pytest
from tests.sickbay.fault import load_faults
from tests.sickbay.pictures import FOLDER, PICTURES, SILENT

from trainvitals_server.diagnosis.rule import declared_rules

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
BYTES_MAX = 25_000
NOT_YET_FOUND = frozenset[str]()
"""Rules that do not find what the sick bay plants for them: a known gap, told by the caption."""


def test_every_rule_has_its_picture_and_no_other_is_kept() -> None:
    rules = {rule.name for rule in declared_rules()}
    assert PICTURES.keys() == rules
    assert {path.name for path in FOLDER.iterdir()} == {f"{rule}.svg" for rule in rules}


@pytest.mark.parametrize("rule", PICTURES)
def test_a_picture_stands_under_its_heading_with_the_run_it_is_of(rule: str) -> None:
    found = re.search(rf"^## {rule}$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    picture = PICTURES[rule]
    assert found and f"](pictures/{rule}.svg)" in found[1] and f"`{picture.series}`" in found[1]
    if picture.trained != "two ranks":
        assert f"`{picture.fault}` in `{picture.trained}`" in found[1]
        assert picture.trained in load_faults()[picture.fault].trainings


@pytest.mark.parametrize("rule", PICTURES)
def test_a_picture_is_light_and_shows_what_the_rule_found(rule: str) -> None:
    drawn = (FOLDER / f"{rule}.svg").read_text(encoding="utf-8")
    assert len(drawn) < BYTES_MAX
    assert 'stroke="#d55e00"' in drawn and PICTURES[rule].series in drawn
    assert (SILENT in drawn) == (rule in NOT_YET_FOUND)
