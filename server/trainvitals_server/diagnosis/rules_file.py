"""The rules file: thresholds, severities and patience of the rules as data, by run and by layer pattern."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from trainvitals_server.diagnosis.choice import RunChoice
from trainvitals_server.diagnosis.policy import POLICY
from trainvitals_server.diagnosis.rule import DeclaredRule, declared_rules
from trainvitals_server.diagnosis.threshold import Declared, Thresholds
from trainvitals_server.diagnosis.yaml_node import Node, read
from trainvitals_wire.records import SEVERITIES, Severity

VERSION = 1
EVERY_RUN = RunChoice()

Part = Literal["version", "policy", "rules", "overrides", "mutes"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says of one rule; None where it says nothing."""

    thresholds: Thresholds = field(default_factory=dict)
    severity: Severity | None = None
    hold_steps: int | None = None
    keep_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Changes for some runs and some layers; without `layers` for the whole run."""

    runs: RunChoice = EVERY_RUN
    layers: tuple[str, ...] = ()
    policy: Mapping[str, Thresholds] = field(default_factory=dict)
    rules: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileMute:
    """A rule that is to be silent for some runs and layers, and why."""

    rule: str
    reason: str
    layers: tuple[str, ...] = ()
    runs: RunChoice = EVERY_RUN


@dataclass(frozen=True, slots=True)
class RulesFile:
    """A rules file, checked: of two overrides that say something of the same, the later one stands."""

    overrides: tuple[Override, ...] = ()
    mutes: tuple[FileMute, ...] = ()


def read_rules_file(path: Path) -> RulesFile:
    """A user's rules file; raises RulesFileError naming the line of the first mistake."""
    return checked(read(path))


def checked(root: Node) -> RulesFile:
    """What a file says; raises RulesFileError for anything that is not known, or is of another type."""
    parts = root.known(frozenset(get_args(Part)), "part")
    _check_version(root, parts.pop("version", None))
    top = Override(policy=_policy(parts.get("policy")), rules=_rules(parts.get("rules"), layered=False))
    overrides = tuple(map(_override, parts["overrides"].items())) if "overrides" in parts else ()
    mutes = tuple(map(_mute, parts["mutes"].items())) if "mutes" in parts else ()
    return RulesFile((top, *overrides), mutes)


def _check_version(root: Node, version: Node | None) -> None:
    if version is None:
        raise root.wrong(f"there is no version; a rules file begins with `version: {VERSION}`.")
    if version.value() != VERSION or isinstance(version.value(), bool):
        raise version.wrong(f"this server reads version {VERSION}, not {version.value()!r}.")


def _override(node: Node) -> Override:
    node = Node(node.file, "an override", node.node)
    parts = node.known({"runs", "layers", "policy", "rules"}, "part")
    layers = parts["layers"].texts() if "layers" in parts else ()
    if layers and "policy" in parts:
        raise parts["policy"].wrong("the policy holds for whole runs: leave out `layers`, or `policy`.")
    rules = _rules(parts.get("rules"), layered=bool(layers))
    return Override(_runs(parts.get("runs")), layers, _policy(parts.get("policy")), rules)


def _mute(node: Node) -> FileMute:
    node = Node(node.file, "a mute", node.node)
    parts = node.known({"rule", "layers", "reason", "runs"}, "part")
    for needed in ("rule", "reason"):
        if needed not in parts:
            raise node.wrong(f"a mute needs a {needed}.")
    rule = parts["rule"].text()
    if rule not in _names():
        raise parts["rule"].wrong(f"there is no rule {rule!r}; rules are {', '.join(sorted(_names()))}.")
    layers = parts["layers"].texts() if "layers" in parts else ()
    return FileMute(rule, parts["reason"].text(), layers, _runs(parts.get("runs")))


def _runs(node: Node | None) -> RunChoice:
    if node is None:
        return EVERY_RUN
    parts = node.known({"project", "name", "tag", "config"}, "part")
    project, name, tag = (parts[part].text() if part in parts else None for part in ("project", "name", "tag"))
    config = {key: value.value() for key, value in parts["config"].entries().items()} if "config" in parts else {}
    return RunChoice(project, name, tag, config)


def _policy(node: Node | None) -> dict[str, Thresholds]:
    if node is None:
        return {}
    return {name: _thresholds(group, name, POLICY[name]) for name, group in node.known(POLICY, "group").items()}


def _rules(node: Node | None, layered: bool) -> dict[str, Change]:
    if node is None:
        return {}
    return {name: _change(entry, _names()[name], layered) for name, entry in node.known(_names(), "rule").items()}


def _change(node: Node, declared: DeclaredRule, layered: bool) -> Change:
    if layered and declared.rule.scope != "layer":
        raise node.wrong(f"{node.name} judges the whole run: it cannot be set by layer.")
    parts = node.known({"thresholds", "severity", "hold_steps", "keep_steps"}, "part")
    return Change(
        _thresholds(parts["thresholds"], declared.name, declared.rule.thresholds) if "thresholds" in parts else {},
        _severity(parts["severity"]) if "severity" in parts else None,
        parts["hold_steps"].steps() if "hold_steps" in parts else None,
        parts["keep_steps"].steps() if "keep_steps" in parts else None,
    )


def _thresholds(node: Node, owner: str, declared: Declared) -> Thresholds:
    node = Node(node.file, owner, node.node)
    return {name: value.number(declared[name].value) for name, value in node.known(declared, "threshold").items()}


def _severity(node: Node) -> Severity:
    if node.value() not in SEVERITIES:
        raise node.wrong(f"severity must be one of {', '.join(SEVERITIES)}, not {node.value()!r}.")
    return cast(Severity, node.value())


@cache
def _names() -> dict[str, DeclaredRule]:
    return {declared.name: declared for declared in declared_rules()}
