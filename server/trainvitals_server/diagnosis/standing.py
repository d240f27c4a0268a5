"""Where each rule stands: firing, quiet, in its warm-up, or not measured and what would change that."""

from collections import Counter
from collections.abc import Iterable, Mapping

from trainvitals_server.diagnosis.needs import missing
from trainvitals_server.diagnosis.rule import DeclaredRule
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import RuleEntry, WarningEntry


def unmeasured(declared: DeclaredRule, signals: Signals) -> str | None:
    """Why a rule is not measured, None where it is."""
    lacking = missing(signals, declared.rule.needs)
    if lacking is None and declared.unmeasured is not None and (more := declared.unmeasured(signals)):
        return f"not measured: {more}"
    return lacking


def idle(declared: DeclaredRule, signals: Signals) -> RuleEntry | None:
    """The state of a rule that need not be asked, None for one that is to judge."""
    if why := unmeasured(declared, signals):
        return {"rule": declared.name, "state": "not_measured", "why": why}
    if declared.rule.after_warm_up and signals.warming_up:
        why = f"waits for step {signals.warm_up_steps}: the shape of training is not judged before"
        return {"rule": declared.name, "state": "warming_up", "why": why}
    return None


def standing(names: Iterable[str], idle: Mapping[str, RuleEntry], warnings: Iterable[WarningEntry]) -> list[RuleEntry]:
    """The state of every rule beside the warnings that it gave."""
    firing = Counter(warning["rule"] for warning in warnings if warning["state"] == "firing")
    return [_entry(name, firing[name], idle.get(name)) for name in names]


def _entry(name: str, firing: int, idle: RuleEntry | None) -> RuleEntry:
    if firing:
        return {"rule": name, "state": "firing", "why": "1 warning" if firing == 1 else f"{firing} warnings"}
    return idle or {"rule": name, "state": "quiet", "why": ""}
