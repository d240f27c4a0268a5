"""The rules as a folder of equals, and the page that explains them."""

import ast
import re
from pathlib import Path

import pytest

from trainvitals_server.diagnosis.rule import LoadedRule, load_rules
from trainvitals_wire.causes import CAUSES
from trainvitals_wire.names import STATISTICS_BY_NAME

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
RULES = load_rules()
OTHER_NEEDS = {"loss", "val_loss", "layers", "criterion", "optimizer"}


def section(name: str) -> str:
    """The words under a rule's heading, on one line."""
    found = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"docs/rules.md has no heading for the rule {name}"
    return " ".join(found[1].split())


def test_the_first_rules_are_there() -> None:
    expected = "non_finite activation_std update_ratio vanishing_gradient exploding_gradient dead_units saturated_units"
    assert {*expected.split(), "no_progress", "frozen_parameters"} <= {rule.name for rule in RULES}


def test_the_page_has_no_heading_without_a_rule() -> None:
    assert re.findall(r"^## (\w+)$", PAGE.read_text(), re.MULTILINE) == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_page_says_what_the_rule_says(rule: LoadedRule) -> None:
    words = section(rule.name)
    for part in (rule.rule.title, rule.rule.shows, rule.rule.matters, rule.rule.todo, rule.rule.source):
        assert " ".join(part.split()) in words
    for name, value in rule.rule.thresholds.items():
        assert f"`{name}` {value:g}" in words


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_needs_signals_that_exist(rule: LoadedRule) -> None:
    assert rule.rule.needs
    assert set(rule.rule.needs) <= set(STATISTICS_BY_NAME) | OTHER_NEEDS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_names_only_causes_of_the_fixed_list(rule: LoadedRule) -> None:
    tree = ast.parse(Path(__import__(rule.find.__module__, fromlist=["x"]).__file__).read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cause")
    named = {arg.value for call in calls for arg in call.args[:1] if isinstance(arg, ast.Constant)}
    assert named <= set(CAUSES)


def test_thresholds_can_be_replaced_and_mistakes_are_named() -> None:
    changed = {rule.name: rule for rule in load_rules({"activation_std": {"high": 3.0}})}
    assert changed["activation_std"].thresholds["high"] == 3.0
    assert changed["activation_std"].thresholds["low"] == 0.5
    with pytest.raises(ValueError, match="no threshold \\['hi'\\]"):
        load_rules({"activation_std": {"hi": 3.0}})
    with pytest.raises(ValueError, match="no rule named \\['activation'\\]"):
        load_rules({"activation": {"high": 3.0}})
