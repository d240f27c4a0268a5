"""The life of a warning, pending -> firing -> resolved: one pure function (Prometheus' `for` and `keep_firing_for`)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.severity import worse
from trainvitals_wire.records import Severity

LifeState = Literal["pending", "firing", "resolved"]
Key = tuple[str, str]
"""Rule and place."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a rule, with the severity it deserves at this moment and the rule's patience in steps."""

    rule: str
    finding: Finding
    severity: Severity
    hold_steps: int = 0
    keep_steps: int = 50

    @property
    def key(self) -> Key:
        """What makes two findings the same warning."""
        return self.rule, self.finding.place


@dataclass(frozen=True, slots=True)
class LivingWarning:
    """A finding with a life; `severity` is the highest it reached, `first_step` the onset of this episode."""

    id: str
    state: LifeState
    severity: Severity
    first_step: int
    seen_step: int
    found: Found

    @property
    def finding(self) -> Finding:
        """The latest finding."""
        return self.found.finding

    def seen_at(self, step: int) -> "LivingWarning":
        """The same, last seen at a step."""
        if step == self.seen_step:
            return self
        return LivingWarning(self.id, self.state, self.severity, self.first_step, step, self.found)

    @property
    def now(self) -> "LivingWarning":
        """The same with the latest numbers and words of its finding."""
        rule, found, finding = self.found.rule, self.found, self.found.finding.now
        if finding is found.finding:
            return self
        # Written out: `replace` costs more than all the rest, and there may be hundreds.
        now = Found(rule, finding, found.severity, found.hold_steps, found.keep_steps)
        return LivingWarning(self.id, self.state, self.severity, self.first_step, self.seen_step, now)


def advance(old: Mapping[Key, LivingWarning], found: Iterable[Found], step: int) -> dict[Key, LivingWarning]:
    """The warnings at `step`, given those before and what the rules find now.

    A finding fires once it has lasted `hold_steps`. It is resolved once it has been gone for `keep_steps`, so that a
    value at the edge of its band does not flicker; a pending one that goes is forgotten. A resolved one that comes
    back begins a new episode.
    """
    current = {item.key: item for item in found}
    new = {key: _seen(old.get(key), item, step) for key, item in current.items()}
    for key, warning in old.items():
        if key not in current and (kept := _unseen(warning, step)):
            new[key] = kept
    return new


def _seen(old: LivingWarning | None, found: Found, step: int) -> LivingWarning:
    if old is None or old.state == "resolved":
        first_step, severity = found.finding.first_step, found.severity
        if old is not None:
            first_step = max(first_step, old.seen_step)
        identifier = _identifier(found, first_step)
    else:
        first_step, severity = min(old.first_step, found.finding.first_step), worse(old.severity, found.severity)
        identifier = old.id
    firing = (old is not None and old.state == "firing") or step - first_step >= found.hold_steps
    return LivingWarning(identifier, "firing" if firing else "pending", severity, first_step, step, found)


def _unseen(warning: LivingWarning, step: int) -> LivingWarning | None:
    if warning.state == "pending":
        return None
    if warning.state == "firing" and step - warning.seen_step >= warning.found.keep_steps:
        return replace(warning, state="resolved")
    return warning


def _identifier(found: Found, first_step: int) -> str:
    text = "\n".join([*found.key, str(first_step)])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
