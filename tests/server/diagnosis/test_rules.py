"""The rules as a folder of equals, and the page that explains them."""

import ast
import re
from pathlib import Path

import pytest

from trainvitals_server.diagnosis.needs import unknown
from trainvitals_server.diagnosis.policy import POLICY
from trainvitals_server.diagnosis.rule import DeclaredRule, Threshold, declared_rules
from trainvitals_wire.causes import CAUSES

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
RULES = declared_rules()


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
def test_the_page_says_what_the_rule_says(rule: DeclaredRule) -> None:
    words = section(rule.name)
    for part in (rule.rule.title, rule.rule.shows, rule.rule.matters, rule.rule.todo, rule.rule.source):
        assert " ".join(part.split()) in words
    for name, threshold in rule.rule.thresholds.items():
        assert f"`{name}` {threshold.value:g}" in words
    for need in rule.rule.needs:
        assert f"`{need}`" in words


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_needs_signals_that_exist(rule: DeclaredRule) -> None:
    assert rule.rule.needs
    assert not unknown(rule.rule.needs)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_threshold_says_where_it_comes_from(rule: DeclaredRule) -> None:
    assert all(isinstance(threshold, Threshold) and threshold.source for threshold in rule.rule.thresholds.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_names_only_causes_of_the_fixed_list(rule: DeclaredRule) -> None:
    tree = ast.parse(Path(__import__(rule.find.__module__, fromlist=["x"]).__file__).read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cause")
    named = {arg.value for call in calls for arg in call.args[:1] if isinstance(arg, ast.Constant)}
    assert named <= set(CAUSES)


def test_rules_and_policy_do_not_share_a_name() -> None:
    assert not {rule.name for rule in RULES} & set(POLICY)
