"""Judges one run: reports in, warnings and incidents out. It knows no clock, no thread and no store."""

from collections.abc import Callable, Sequence

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX
from trainvitals_server.diagnosis.card import Card, warning_entry
from trainvitals_server.diagnosis.incidents import group
from trainvitals_server.diagnosis.life import LivingWarning
from trainvitals_server.diagnosis.lives import Findings, Lives
from trainvitals_server.diagnosis.rulebook import Rulebook, RuleInForce
from trainvitals_server.diagnosis.rulebook import rulebook as defaults
from trainvitals_server.diagnosis.severity import OPEN, gate_of
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.standing import idle, standing
from trainvitals_server.diagnosis.stretches import length, stretches
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
        self._lives = {rule.name: Lives(rule.name) for rule in self._book.rules}
        self._past: list[LivingWarning] = []
        self._incident_of: dict[str, str] = {}
        self._added = True
        self._stretch = -1
        self._came = False
        self._looked = -1
        self._idle: dict[str, RuleEntry] = {}
        self._network = self.signals.network
        self._written: Warnings | None = None

    def add(self, report: Report) -> None:
        """Take in a report."""
        self.signals.add(report)
        self._added = True

    def follow(self, report: Report, now: float = 0.0) -> None:
        """Take in a report, and judge the run as it was at each stretch of steps that is over."""
        for number, part in stretches(report):
            if number > self._stretch:
                # A look at the end of a report before may have come just now.
                far = self.signals.step - self._looked >= 0.75 * length(self._stretch)
                # What is written on the way decides which incident a later warning joins.
                if self._stretch >= 0 and far and self.look(now):
                    self._came = True
                    self.written()
                self._stretch = number
            self.add(part)

    def end(self) -> None:
        """The run is over, as it was planned: at the next look nothing is given more time."""
        self.signals.end()
        self._added = True

    def evaluate(self, now: float = 0.0) -> Warnings:
        """The warnings and incidents as of what was added (`now`, seconds, is for rules that judge silence)."""
        self.look(now)
        return self.written()

    def look(self, now: float = 0.0) -> bool:
        """Judge what was added; whether more may have changed than the numbers and words of standing warnings."""
        if not self._added:
            return False
        self._added, self._written = False, None
        came, self._came = self._came, False
        self._looked = self.signals.step
        idle, self._idle = self._idle, {}
        network, self._network = self._network, self.signals.network
        changed = [self._see(rule) for rule in self._book.rules]
        self._past = [*self._past, *(warning for lives in self._lives.values() for warning in lives.past)]
        del self._past[:-RESOLVED_MAX]
        self.signals.rest()
        return came or any(changed) or idle != self._idle or network is not self._network

    @property
    def moves(self) -> bool:
        """Whether any rule finds something, so that at least its last step moves."""
        return any(lives.moves for lives in self._lives.values())

    def written(self) -> Warnings:
        """What was found at the last look, in the words of the contract."""
        if self._written is None:
            standing = (warning for lives in self._lives.values() for warning in lives.warnings)
            self._written = self._write([warning.now for warning in (*self._past, *standing)])
            self.signals.rest()
        return self._written

    def _see(self, rule: RuleInForce) -> bool:
        lives = self._lives[rule.name]
        if lives.rests():
            return False
        found = self._find(rule, lives)
        # Most rules find nothing, and need no word of the loss.
        gate = gate_of(self.signals.loss) if found else OPEN
        return lives.see(found, gate, self.signals.step)

    def _find(self, rule: RuleInForce, lives: Lives) -> Findings:
        try:
            if (state := idle(rule.declared, self.signals)) is not None:
                self._idle[rule.name] = state
                return []
            return rule.found(self.signals)
        except Exception as error:
            self._on_error(rule.name, error)
            return lives.found

    def _write(self, warnings: Sequence[LivingWarning]) -> Warnings:
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
