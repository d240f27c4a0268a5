"""The warnings of one rule, looked at only where the rule found something else than before."""

from collections.abc import Sequence

from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.life import Found, Key, LivingWarning, advance
from trainvitals_server.diagnosis.rulebook import Terms
from trainvitals_server.diagnosis.severity import Gate, milder

Findings = Sequence[tuple[Finding, Terms]]

MANY, PAUSE_LOOKS = 100, 3
"""A rule that stands at so many places is asked at each fourth look: one place more or less is no news by then."""


class Lives:
    """What a rule found last, and the warnings made of it.

    While it finds the same, and nothing else lets a finding be better or worse, only the step moves.
    """

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.past: list[LivingWarning] = []
        """Resolved episodes of places that a new one took, since the last evaluation."""
        self._found: Findings = []
        self._gate: Gate | None = None
        self._living: dict[Key, LivingWarning] = {}
        self._seen: frozenset[Key] = frozenset()
        self._seen_step = -1
        self._settled = True
        self._paused = 0

    @property
    def found(self) -> Findings:
        """What the rule found last."""
        return self._found

    @property
    def warnings(self) -> list[LivingWarning]:
        """The warnings that a reader sees."""
        return [warning for warning in self._living.values() if warning.state != "pending"]

    @property
    def moves(self) -> bool:
        """Whether anything is seen to go on, so that its last step moves."""
        return bool(self._found)

    def rests(self) -> bool:
        """Whether the rule need not be asked at this look."""
        self._paused = (self._paused + 1) % (PAUSE_LOOKS + 1) if self._settled and len(self._found) >= MANY else 0
        return self._paused > 0

    def see(self, found: Findings, gate: Gate, step: int) -> bool:
        """Take what the rule finds now; whether more than steps, values and words may have changed."""
        stands = self._settled and gate == self._gate and found == self._found
        self._found, self._gate, self.past = found, gate, []
        if stands:
            self._seen_step = step
            return False
        old = self._caught_up()
        items = [_found(self.rule, finding, terms, gate) for finding, terms in found]
        new = advance(old, items, step)
        self.past = [w for key, w in old.items() if w.state == "resolved" and new[key].id != w.id]
        self._living = new
        self._seen = frozenset(item.key for item in items)
        self._seen_step = step
        self._settled = all(w.state == "resolved" or (w.state == "firing" and k in self._seen) for k, w in new.items())
        return _outline(old) != _outline(new) or bool(self.past)

    def _caught_up(self) -> dict[Key, LivingWarning]:
        """The warnings with the step at which they were seen last."""
        return {
            key: warning.seen_at(self._seen_step) if key in self._seen else warning
            for key, warning in self._living.items()
        }


def _found(rule: str, finding: Finding, terms: Terms, gate: Gate) -> Found:
    severity = milder(gate.severity(finding), terms.severity)
    return Found(rule, finding, severity, terms.hold_steps, terms.keep_steps)


def _outline(warnings: dict[Key, LivingWarning]) -> list[tuple[object, ...]]:
    """All of the warnings that decides on the incidents and on what is news."""
    return [
        (w.id, w.state, w.severity, w.first_step, w.finding.layer, [(c.cause, c.first_step) for c in w.finding.causes])
        for w in warnings.values()
    ]
