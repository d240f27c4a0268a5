"""What rules need to see, and what to do where it is missing. A rule that lacks its signals never guesses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import CRITERION_LOSS_KEY, STATISTICS_BY_NAME


@dataclass(frozen=True, slots=True)
class Need:
    """A signal: whether it is there, and what brings it, to be read after "not measured:"."""

    known: Callable[[Signals], bool]
    todo: str


NEEDS: dict[str, Need] = {
    "loss": Need(lambda signals: len(signals.loss.history) > 0, 'log "loss", or pass criterion='),
    "criterion_loss": Need(lambda signals: len(signals.history(CRITERION_LOSS_KEY)) > 0, "pass criterion="),
    "val_loss": Need(lambda signals: len(signals.validation_loss) > 0, 'log "val_loss"'),
    "criterion": Need(lambda signals: bool(signals.criterion), "pass criterion="),
    "optimizer": Need(lambda signals: bool(signals.facts("optimizer")), "pass optimizer="),
    "histograms": Need(lambda signals: bool(signals.shapes), 'watch(model, log="all" or "parameters")'),
    "ranks": Need(
        lambda signals: any(fact.get("details", {}).get("rank") for fact in signals.facts("rank")),
        "train in several processes that all call tv.init",
    ),
    "layers": Need(lambda signals: bool(signals.network.layers), "call watch(model)"),
    "modes": Need(lambda signals: bool(signals.facts("modes")), 'watch(model, log="all" or "activations")'),
    "input": Need(lambda signals: bool(signals.facts("input")), 'watch(model, log="all" or "activations")'),
    "batch": Need(lambda signals: bool(signals.facts("batch")), 'watch(model, log="all" or "activations")'),
    "labels": Need(lambda signals: bool(signals.facts("labels")), "pass criterion="),
    "target": Need(lambda signals: bool(signals.facts("target")), "pass criterion="),
}
"""Beside these, each statistic of `trainvitals_wire.names` is a need by its own name."""

OPTIMIZERS_OWN = ("update", "learning_rate")
"""No optimizer watched, no such statistic."""


def missing(signals: Signals, needs: Sequence[str]) -> str | None:
    """Why a rule with these needs is not measured, None where it is."""
    met: set[Sequence[str]] = signals.at_start("rules whose needs are met", set)
    if needs in met:
        return None
    lacking = [need.split(" or ") for need in needs if not any(_known(signals, name) for name in need.split(" or "))]
    if not lacking:
        met.add(needs)
        return None
    return f"not measured: {', '.join(dict.fromkeys(_todo(signals, names[0]) for names in lacking))}"


def unknown(needs: Sequence[str]) -> set[str]:
    """The names among the needs that nothing measures."""
    return {name for need in needs for name in need.split(" or ") if name not in NEEDS | STATISTICS_BY_NAME}


def _known(signals: Signals, name: str) -> bool:
    met: set[str] = signals.at_start("needs that are met", set)
    if name not in met and _is_there(signals, name):
        met.add(name)
    return name in met


def _is_there(signals: Signals, name: str) -> bool:
    if name in NEEDS:
        return NEEDS[name].known(signals)
    if STATISTICS_BY_NAME[name].owner == "run":
        return len(signals.history(name)) > 0
    return signals.knows(name)


def _todo(signals: Signals, name: str) -> str:
    if name in NEEDS:
        return NEEDS[name].todo
    if not signals.network.layers:
        return NEEDS["layers"].todo
    if name.startswith(OPTIMIZERS_OWN) and not NEEDS["optimizer"].known(signals):
        return NEEDS["optimizer"].todo
    family = _family(name)
    if any(signals.knows(other) for other in STATISTICS_BY_NAME if _family(other) == family):
        return f"no layer or parameter of this run has {name}"
    return f'watch(model, log="all" or "{family}")'


def _family(name: str) -> str:
    """The value of `log=` that brings a statistic."""
    if name.startswith("gradient"):
        return "gradients"
    return "parameters" if name.startswith(("weight", "update")) else "activations"
