"""Judges one run: reports in, warnings and incidents out. It knows no clock, no thread and no store."""

from collections.abc import Callable, Mapping, Sequence

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX
from trainvitals_server.diagnosis.card import Card, warning_entry
from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.incidents import group
from trainvitals_server.diagnosis.life import Found, Key, LivingWarning, advance
from trainvitals_server.diagnosis.rulebook import Rulebook, RuleInForce, Terms
from trainvitals_server.diagnosis.rulebook import rulebook as defaults
from trainvitals_server.diagnosis.severity import milder, severity_of
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.standing import idle, standing
from trainvitals_server.muting import Muting, muted
from trainvitals_wire.records import SEVERITIES, Incident, RuleEntry, WarningEntry, Warnings
from trainvitals_wire.report import Report

RESOLVED_MAX = 200
"""Most resolved warnings that are kept; the oldest go first."""

RuleError = Callable[[str, Exception], None]


def _raise(_: str, error: Exception) -> None:
    raise error


class Judge:
    """The state of one run's diagnosis.

    `rulebook` holds the rules in force, else those with their defaults. `on_error(rule, error)` is told when a rule
    fails; the others still judge. Without it the error is raised. `cells_max` bounds the numbers remembered of a column
    list.
    """

    def __init__(
        self, rulebook: Rulebook | None = None, on_error: RuleError = _raise, *, cells_max: int = BLOCK_CELLS_MAX
    ) -> None:
        self._book = rulebook or defaults()
        self.signals = Signals(self._book.thresholds, cells_max)
        self._sources = {rule.name: rule.declared.rule.source for rule in self._book.rules}
        self._mutings = [Muting(mute.rule, mute.layers or ("*",), mute.reason) for mute in self._book.mutes]
        self._on_error = on_error
        self._living: dict[Key, LivingWarning] = {}
        self._past: list[LivingWarning] = []
        self._incident_of: dict[str, str] = {}
        self._changed = True
        self._idle: dict[str, RuleEntry] = {}
        self._last: Warnings = {"warnings": [], "incidents": [], "rules": []}

    def add(self, report: Report) -> None:
        """Take in a report."""
        self.signals.add(report)
        self._changed = True

    def evaluate(self, now: float = 0.0) -> Warnings:
        """The warnings and incidents as of what was added (`now`, seconds, is for rules that judge silence)."""
        if self._changed:
            self._changed = False
            self._last = self._judge()
            self.signals.rest()
        return self._last

    def _judge(self) -> Warnings:
        self._idle = {}
        found = [item for rule in self._book.rules for item in self._find(rule)]
        new = advance(self._living, found, self.signals.step)
        self._remember(new)
        self._living = new
        warnings = [*self._past, *(warning for warning in new.values() if warning.state != "pending")]
        return self._written(warnings)

    def _find(self, rule: RuleInForce) -> list[Found]:
        try:
            if (state := idle(rule.declared, self.signals)) is not None:
                self._idle[rule.name] = state
                return []
            return [self._found(rule.name, finding, terms) for finding, terms in rule.found(self.signals)]
        except Exception as error:
            self._on_error(rule.name, error)
            return [warning.found for key, warning in self._living.items() if key[0] == rule.name]

    def _found(self, rule: str, finding: Finding, terms: Terms) -> Found:
        severity = milder(severity_of(finding, self.signals.loss), terms.severity)
        return Found(rule, finding, severity, terms.hold_steps, terms.keep_steps)

    def _remember(self, new: Mapping[Key, LivingWarning]) -> None:
        """Keep the resolved episodes that a new one of the same place replaces."""
        for key, warning in self._living.items():
            if warning.state == "resolved" and new[key].id != warning.id:
                self._past.append(warning)
        del self._past[:-RESOLVED_MAX]

    def _written(self, warnings: Sequence[LivingWarning]) -> Warnings:
        groups = group(warnings, self._incident_of, self._book.thresholds["incidents"]["onset_steps"])
        self._incident_of = {warning.id: found.id for found in groups for warning in found.warnings}
        cards = [Card.of(found, self.signals.network) for found in groups]
        card_of = {warning.id: card for card in cards for warning in card.incident.warnings}
        entries = [warning_entry(w, self._sources[w.found.rule], card_of.get(w.id)) for w in warnings]
        told: Warnings = {
            "warnings": sorted(entries, key=lambda entry: (*_rank(entry), entry["layer"] or "", entry["id"])),
            "incidents": sorted((card.entry() for card in cards), key=lambda entry: (*_rank(entry), entry["id"])),
            "rules": [],
        }
        told["rules"] = standing(self._sources, self._idle, told["warnings"])
        return muted(told, self._mutings)


def _rank(entry: WarningEntry | Incident) -> tuple[int, int]:
    """Worst first, then by onset."""
    return -SEVERITIES.index(entry["severity"]), entry["first_step"]
