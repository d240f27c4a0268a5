"""Judges one run: reports in, warnings and incidents out. It knows no clock, no thread and no store."""

from collections.abc import Callable, Mapping, Sequence

from trainvitals_server.diagnosis.card import Card, warning_entry
from trainvitals_server.diagnosis.incidents import group
from trainvitals_server.diagnosis.life import Found, Key, LivingWarning, advance
from trainvitals_server.diagnosis.rule import LoadedRule, Thresholds, load_rules
from trainvitals_server.diagnosis.severity import severity_of
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import SEVERITIES, Incident, WarningEntry, Warnings
from trainvitals_wire.report import Report

RESOLVED_MAX = 200
"""Most resolved warnings that are kept; the oldest go first."""

RuleError = Callable[[str, Exception], None]


def _raise(_: str, error: Exception) -> None:
    raise error


class Judge:
    """The state of one run's diagnosis.

    `thresholds` maps a rule's name to values that replace its defaults. `on_error(rule, error)` is told when a rule
    fails; the others still judge. Without it the error is raised.
    """

    def __init__(self, thresholds: Mapping[str, Thresholds] | None = None, on_error: RuleError = _raise) -> None:
        self.signals = Signals()
        self._rules = load_rules(thresholds)
        self._sources = {rule.name: rule.rule.source for rule in self._rules}
        self._on_error = on_error
        self._living: dict[Key, LivingWarning] = {}
        self._past: list[LivingWarning] = []
        self._incident_of: dict[str, str] = {}
        self._changed = True
        self._last: Warnings = {"warnings": [], "incidents": []}

    def add(self, report: Report) -> None:
        """Take in a report."""
        self.signals.add(report)
        self._changed = True

    def evaluate(self, now: float = 0.0) -> Warnings:
        """The warnings and incidents as of what was added (`now`, seconds, is for rules that judge silence)."""
        if self._changed:
            self._changed = False
            self._last = self._judge()
        return self._last

    def _judge(self) -> Warnings:
        found = [item for rule in self._rules for item in self._find(rule)]
        new = advance(self._living, found, self.signals.step)
        self._remember(new)
        self._living = new
        warnings = [*self._past, *(warning for warning in new.values() if warning.state != "pending")]
        return self._written(warnings)

    def _find(self, rule: LoadedRule) -> list[Found]:
        try:
            return [
                Found(
                    rule.name,
                    finding,
                    severity_of(finding, self.signals.loss),
                    rule.rule.hold_steps,
                    rule.rule.keep_steps,
                )
                for finding in rule.find(self.signals, rule.thresholds)
            ]
        except Exception as error:
            self._on_error(rule.name, error)
            return [warning.found for key, warning in self._living.items() if key[0] == rule.name]

    def _remember(self, new: Mapping[Key, LivingWarning]) -> None:
        """Keep the resolved episodes that a new one of the same place replaces."""
        for key, warning in self._living.items():
            if warning.state == "resolved" and new[key].id != warning.id:
                self._past.append(warning)
        del self._past[:-RESOLVED_MAX]

    def _written(self, warnings: Sequence[LivingWarning]) -> Warnings:
        groups = group(warnings, self._incident_of)
        self._incident_of = {warning.id: found.id for found in groups for warning in found.warnings}
        cards = [Card.of(found, self.signals.network) for found in groups]
        card_of = {warning.id: card for card in cards for warning in card.incident.warnings}
        entries = [warning_entry(w, self._sources[w.found.rule], card_of.get(w.id)) for w in warnings]
        return {
            "warnings": sorted(entries, key=lambda entry: (*_rank(entry), entry["layer"] or "", entry["id"])),
            "incidents": sorted((card.entry() for card in cards), key=lambda entry: (*_rank(entry), entry["id"])),
        }


def _rank(entry: WarningEntry | Incident) -> tuple[int, int]:
    """Worst first, then by onset."""
    return -SEVERITIES.index(entry["severity"]), entry["first_step"]
