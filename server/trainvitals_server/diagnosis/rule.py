"""A rule: its explanation, its thresholds and the function that finds. Rules are files, found by folder."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from trainvitals_server.diagnosis import rules as folder
from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Declared, Threshold, Thresholds
from trainvitals_wire.records import Severity

Find = Callable[[Signals, Thresholds], Iterator[Finding]]
Unmeasured = Callable[[Signals], str | None]
Scope = Literal["run", "layer"]

__all__ = ["DeclaredRule", "Find", "Rule", "Scope", "Threshold", "Thresholds", "Unmeasured", "declared_rules"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule file declares as `RULE`; the words are the card's and those of docs/rules.md.

    `needs` names the signals (`needs.NEEDS`, or a statistic) without which the rule is not asked and says that it is
    not measured; "a or b" is met by either. A rule `after_warm_up` is not asked before its end. A finding of a rule
    whose `scope` is "layer" is judged by the thresholds of that layer, which a user may set by layer pattern.
    `severity` is the worst the rule may reach, `hold_steps` how long a finding must last before it fires, `keep_steps`
    how long it must be gone before it is resolved.
    """

    title: str
    shows: str
    matters: str
    todo: str
    source: str
    thresholds: Declared
    needs: tuple[str, ...]
    by_definition: bool = False
    scope: Scope = "run"
    after_warm_up: bool = False
    severity: Severity = "critical"
    hold_steps: int = 0
    keep_steps: int = 50


@dataclass(frozen=True, slots=True)
class DeclaredRule:
    """A rule under the name of its file, with its functions.

    `unmeasured(signals)`, where the file has one, says what the rule still lacks though its needs are met.
    """

    name: str
    rule: Rule
    find: Find
    unmeasured: Unmeasured | None = None


@cache
def declared_rules() -> tuple[DeclaredRule, ...]:
    """Every rule of the folder, by name."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(folder.__path__))
    return tuple(_declared(name) for name in names)


def _declared(name: str) -> DeclaredRule:
    module = importlib.import_module(f"{folder.__name__}.{name}")
    return DeclaredRule(name, module.RULE, module.findings, getattr(module, "unmeasured", None))
