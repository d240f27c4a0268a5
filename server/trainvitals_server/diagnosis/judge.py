"""Judges one run: reports in, warnings and incidents out. It knows no clock, no thread and no store."""

import math
from collections.abc import Callable, Mapping, Sequence

from trainvitals_server.diagnosis.causes import ranked
from trainvitals_server.diagnosis.finding import Cause
from trainvitals_server.diagnosis.incidents import Group, group, leader, severity
from trainvitals_server.diagnosis.life import Found, Key, LivingWarning, advance
from trainvitals_server.diagnosis.rule import LoadedRule, Thresholds, load_rules
from trainvitals_server.diagnosis.severity import severity_of
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.causes import CAUSES
from trainvitals_wire.records import SEVERITIES, CauseEntry, Incident, WarningEntry, Warnings, WarningState
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
        by_warning = {warning.id: found for found in groups for warning in found.warnings}
        sources = {rule.name: rule.rule.source for rule in self._rules}
        entries = [_entry(w, by_warning.get(w.id), sources[w.found.rule]) for w in warnings]
        incidents = [self._incident(found) for found in groups]
        return {
            "warnings": sorted(entries, key=lambda entry: (*_rank(entry), entry["layer"] or "", entry["id"])),
            "incidents": sorted(incidents, key=lambda entry: (*_rank(entry), entry["id"])),
        }

    def _incident(self, found: Group) -> Incident:
        lead = leader(found, self.signals.network)
        title = CAUSES[found.causes[0].cause] if found.causes else lead.finding.summary
        return {
            "id": found.id,
            "severity": severity(found),
            "state": "firing" if any(warning.state == "firing" for warning in found.warnings) else "resolved",
            "title": title,
            "first_step": found.first_step,
            "layer": lead.finding.layer,
            "causes": _causes(found.causes),
            "remedy": lead.finding.remedy,
            "warnings": [warning.id for warning in found.warnings],
        }


def _rank(entry: WarningEntry | Incident) -> tuple[int, int]:
    """Worst first, then by onset."""
    return -SEVERITIES.index(entry["severity"]), entry["first_step"]


def _entry(warning: LivingWarning, found: Group | None, source: str) -> WarningEntry:
    finding = warning.finding
    state: WarningState = "resolved" if warning.state == "resolved" else "firing"
    value = finding.value if finding.value is not None and math.isfinite(finding.value) else None
    return {
        "id": warning.id,
        "rule": warning.found.rule,
        "severity": warning.severity,
        "state": state,
        "layer": finding.layer,
        "series": finding.series,
        "first_step": warning.first_step,
        "last_step": finding.last_step,
        "value": value,
        "threshold": finding.threshold,
        "summary": finding.summary,
        "causes": _causes(_with_root(finding.causes, found)),
        "remedy": finding.remedy,
        "expect": finding.expect,
        "source": source,
        "incident": found.id if found else None,
    }


def _with_root(causes: Sequence[Cause], found: Group | None) -> Sequence[Cause]:
    """A warning's own causes, the root of its incident among them."""
    return ranked([*(found.causes[:1] if found else ()), *causes])


def _causes(causes: Sequence[Cause]) -> list[CauseEntry]:
    return [{"cause": cause.cause, "why": cause.why} for cause in causes]
