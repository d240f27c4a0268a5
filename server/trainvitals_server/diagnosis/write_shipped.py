"""Writes the rules file that comes with the server: `python -m trainvitals_server.diagnosis.write_shipped`.

The rule files are where a default is declared. The file is made of them, and a test holds both together.
"""

from collections.abc import Iterator

from trainvitals_server.diagnosis.policy import POLICY
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.diagnosis.rules_file import VERSION
from trainvitals_server.diagnosis.shipped import PATH
from trainvitals_server.diagnosis.threshold import Declared


def written() -> str:
    """The text of the file, made of what the rule files and the policy declare."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The rules as data, with the source of each number, made of the rule files:"
    yield "# `python -m trainvitals_server.diagnosis.write_shipped`. To change something, write only that into a file"
    yield "# of your own of the same form: `trainvitals serve --rules FILE` (docs/diagnosis.md, The rules file)."
    yield f"version: {VERSION}"
    yield ""
    yield "policy:  # what all rules share"
    for name, group in POLICY.items():
        yield f"  {name}:"
        yield from _numbers(group, "    ")
    yield ""
    yield "rules:"
    for declared in declared_rules():
        rule = declared.rule
        yield f"  {declared.name}:  # {rule.source}"
        yield f"    severity: {rule.severity}  # the worst it may reach"
        yield f"    hold_steps: {rule.hold_steps}"
        yield f"    keep_steps: {rule.keep_steps}"
        if rule.thresholds:
            yield "    thresholds:"
            yield from _numbers(rule.thresholds, "      ")
    yield ""


def _numbers(declared: Declared, indent: str) -> Iterator[str]:
    for name, threshold in declared.items():
        yield f"{indent}{name}: {threshold.value!r}  # {threshold.source}"


if __name__ == "__main__":
    PATH.write_text(written(), "utf-8")
