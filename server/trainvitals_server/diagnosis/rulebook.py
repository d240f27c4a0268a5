"""The rules in force for one run: what the shipped file says, then what the user's file changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from trainvitals_server.diagnosis.choice import ANY_RUN, layer_fits
from trainvitals_server.diagnosis.finding import Finding
from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.rule import DeclaredRule, declared_rules
from trainvitals_server.diagnosis.rules_file import Change, FileMute, RulesFile
from trainvitals_server.diagnosis.shipped import shipped
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.threshold import Thresholds, defaults
from trainvitals_server.storage.contract import RunTraits
from trainvitals_wire.records import Severity


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule goes by: its thresholds, the worst severity it may reach, and its patience in steps."""

    thresholds: Thresholds
    severity: Severity
    hold_steps: int
    keep_steps: int

    def changed(self, change: Change) -> "Terms":
        """The same with what a file says put in place."""
        return Terms(
            {**self.thresholds, **change.thresholds} if change.thresholds else self.thresholds,
            change.severity or self.severity,
            self.hold_steps if change.hold_steps is None else change.hold_steps,
            self.keep_steps if change.keep_steps is None else change.keep_steps,
        )


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule with its terms; `changes` are all that hold for the run, in order, with their layer patterns."""

    declared: DeclaredRule
    terms: Terms
    changes: tuple[tuple[tuple[str, ...], Change], ...] = ()
    known: dict[str | None, Terms] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.declared.name

    def found(self, signals: Signals) -> list[tuple[Finding, Terms]]:
        """Its findings, each by the terms of its layer."""
        if not any(patterns for patterns, _ in self.changes):
            terms = self.terms
            return [(finding, terms) for finding in self.declared.find(signals, terms.thresholds)]
        # The rule is asked once by each set of terms, and what it says of layers under other terms is left out.
        return [
            (finding, terms)
            for terms in self._all_terms(signals)
            for finding in self.declared.find(signals, terms.thresholds)
            if self.terms_of(finding.layer) == terms
        ]

    def terms_of(self, layer: str | None) -> Terms:
        """The terms that hold for a layer, or for the run as a whole."""
        if layer not in self.known:
            fitting = (change for patterns, change in self.changes if not patterns or layer_fits(patterns, layer))
            self.known[layer] = _changed(_declared_terms(self.declared), fitting)
        return self.known[layer]

    def _all_terms(self, signals: Signals) -> list[Terms]:
        found = [self.terms]
        for layer in signals.network.layers:
            if (terms := self.terms_of(layer["name"])) not in found:
                found.append(terms)
        return found


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a run, the thresholds of all rules and of the policy, and what its file mutes."""

    rules: tuple[RuleInForce, ...]
    thresholds: Mapping[str, Thresholds]
    mutes: tuple[FileMute, ...] = ()


def rulebook(file: RulesFile | None = None, run: RunTraits = ANY_RUN) -> Rulebook:
    """The rules in force for a run with these traits; `file` is the user's own, if any."""
    return _shipped_rulebook() if file is None else _made((shipped(), file), run)


@cache
def _shipped_rulebook() -> Rulebook:
    return _made((shipped(),), ANY_RUN)


def _made(books: Sequence[RulesFile], run: RunTraits) -> Rulebook:
    overrides = [override for book in books for override in book.overrides if override.runs.fits(run)]
    policy = dict(POLICY_DEFAULTS)
    for override in overrides:
        policy |= {name: {**policy[name], **values} for name, values in override.policy.items()}
    rules = []
    for declared in declared_rules():
        changes = tuple(
            (override.layers, override.rules[declared.name])
            for override in overrides
            if declared.name in override.rules
        )
        rule = RuleInForce(declared, _declared_terms(declared), changes)
        rules.append(replace(rule, terms=rule.terms_of(None)))
    thresholds = {**policy, **{rule.name: rule.terms.thresholds for rule in rules}}
    mutes = tuple(mute for book in books for mute in book.mutes if mute.runs.fits(run))
    return Rulebook(tuple(rules), thresholds, mutes)


def _declared_terms(declared: DeclaredRule) -> Terms:
    rule = declared.rule
    return Terms(defaults(rule.thresholds), rule.severity, rule.hold_steps, rule.keep_steps)


def _changed(terms: Terms, changes: Iterable[Change]) -> Terms:
    for change in changes:
        terms = terms.changed(change)
    return terms
