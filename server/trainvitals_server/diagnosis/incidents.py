"""One cause, one card: warnings that belong together become one incident, named by its root."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainvitals_server.diagnosis.causes import OUTCOMES, STRUCTURAL, apart, explains, story
from trainvitals_server.diagnosis.finding import Cause
from trainvitals_server.diagnosis.life import LivingWarning
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.severity import worse
from trainvitals_wire.records import Severity


@dataclass(frozen=True, slots=True)
class Group:
    """The warnings of one incident, by onset, and the story of its causes, root first."""

    id: str
    warnings: tuple[LivingWarning, ...]
    causes: tuple[Cause, ...]
    told: frozenset[str]
    """The causes by name."""

    @property
    def first_step(self) -> int:
        """The earliest onset."""
        return min(warning.first_step for warning in self.warnings)


def group(warnings: Sequence[LivingWarning], old: Mapping[str, str], onset_steps: float) -> list[Group]:
    """Incidents of the warnings that are more than notes; `old` maps a warning's id to the incident it was in.

    Warnings whose onsets lie within `onset_steps` share one incident; so do later ones that its causes explain. An
    incident keeps the id it had, so that a card does not change its identity when a warning joins it.
    """
    homes: list[_Home] = []
    for warning in sorted((w for w in warnings if w.severity != "note"), key=lambda w: (w.first_step, w.id)):
        home = next((home for home in homes if home.takes(warning, onset_steps)), None)
        if home is None:
            homes.append(home := _Home())
        home.add(warning)
    taken: set[str] = set()
    return [_named(home.members, old, taken) for home in homes]


class _Home:
    """The members of one incident, by onset, and each of their causes once: forty layers give the same few."""

    def __init__(self) -> None:
        self.members: list[LivingWarning] = []
        self._firsts: dict[tuple[str, int], Cause] = {}
        self._causes: dict[tuple[str, int], Cause] = {}

    def add(self, warning: LivingWarning) -> None:
        self.members.append(warning)
        for number, cause in enumerate(warning.finding.causes):
            sign = cause.cause, cause.first_step
            self._causes.setdefault(sign, cause)
            if number == 0:
                self._firsts.setdefault(sign, cause)

    def takes(self, warning: LivingWarning, onset_steps: float) -> bool:
        """Whether a warning is of the same fault, told by its onset or by what explains it."""
        causes = warning.finding.causes
        if causes[:1] and causes[0].cause in STRUCTURAL and any(apart((o,), causes) for o in self._firsts.values()):
            return False
        if warning.first_step - self.members[0].first_step <= onset_steps:
            return True
        if not causes:
            # Without a cause of its own it only shows what is wrong already; how a training is built shows elsewhere.
            return any(cause.cause not in STRUCTURAL for cause in self._causes.values())
        if any(
            root.cause == symptom.cause or explains(root, symptom)
            for root in self._causes.values()
            for symptom in causes
        ):
            return True
        # What was only seen to go wrong waits for its reason.
        only_outcomes = all(cause.cause in OUTCOMES for cause in self._causes.values())
        return only_outcomes and any(explains(root, symptom) for root in causes for symptom in self._causes.values())


def _named(members: list[LivingWarning], old: Mapping[str, str], taken: set[str]) -> Group:
    known = (old[member.id] for member in members if member.id in old and old[member.id] not in taken)
    identifier = next(known, f"i{members[0].id}")
    taken.add(identifier)
    causes = story(cause for member in members for cause in member.finding.causes)
    return Group(identifier, tuple(members), causes, frozenset(cause.cause for cause in causes))


def leader(incident: Group, network: Network) -> LivingWarning:
    """The warning that speaks for the incident: that of its root cause, worst, earliest, and nearest to the origin.

    For activations the origin is the first layer in forward order, for gradients the first in backward order.
    """
    root = incident.causes[0].cause if incident.causes else ""

    def place(warning: LivingWarning) -> tuple[bool, bool, int, int]:
        names = [cause.cause for cause in warning.finding.causes]
        forward = network.place(warning.finding.layer)
        backward = (warning.finding.series or "").startswith("gradient")
        return (
            root not in names,
            bool(names) and names[0] != root,
            warning.first_step,
            -forward if backward else forward,
        )

    return min(incident.warnings, key=place)


def follows(warning: LivingWarning, lead: LivingWarning, incident: Group) -> bool:
    """Whether a warning only shows what the incident's root brought about: it has no fault of its own to mend."""
    if warning is lead or not incident.causes:
        return False
    root, own = incident.causes[0], warning.finding.causes[:1]
    return not own or own[0].cause == root.cause or explains(root, own[0]) or own[0].cause not in incident.told


def severity(incident: Group) -> Severity:
    """The worst severity among the warnings."""
    worst = incident.warnings[0].severity
    for warning in incident.warnings:
        worst = worse(worst, warning.severity)
    return worst
