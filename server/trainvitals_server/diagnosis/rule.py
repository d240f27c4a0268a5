"""A rule: its explanation, its thresholds and the function that finds. Rules are files, found by folder."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from trainvitals_server.diagnosis import rules as folder
from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.signals import Signals

Thresholds = Mapping[str, float]
Find = Callable[[Signals, Thresholds], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule file declares as `RULE`; the words are the card's and those of docs/rules.md.

    `needs` names the statistics or facts without which the rule is not measured. `hold_steps` is how long a finding
    must last before it fires, `keep_steps` how long it must be gone before it is resolved.
    """

    title: str
    shows: str
    matters: str
    todo: str
    source: str
    thresholds: Thresholds
    needs: tuple[str, ...]
    by_definition: bool = False
    hold_steps: int = 0
    keep_steps: int = 50


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule under the name of its file, with its function and the thresholds in force."""

    name: str
    rule: Rule
    find: Find
    thresholds: Thresholds


def load_rules(thresholds: Mapping[str, Thresholds] | None = None) -> tuple[LoadedRule, ...]:
    """Every rule of the folder by name; `thresholds` maps a rule's name to the values that replace its defaults.

    Raises ValueError for a rule or threshold that does not exist.
    """
    changes = dict(thresholds or {})
    loaded = []
    for entry in sorted(pkgutil.iter_modules(folder.__path__), key=lambda entry: entry.name):
        module = importlib.import_module(f"{folder.__name__}.{entry.name}")
        rule: Rule = module.RULE
        change = changes.pop(entry.name, {})
        if unknown := set(change) - set(rule.thresholds):
            raise ValueError(f"rule {entry.name} has no threshold {sorted(unknown)}; it has {sorted(rule.thresholds)}")
        loaded.append(LoadedRule(entry.name, rule, module.findings, {**rule.thresholds, **change}))
    if changes:
        raise ValueError(f"no rule named {sorted(changes)}; rules are {[rule.name for rule in loaded]}")
    return tuple(loaded)
