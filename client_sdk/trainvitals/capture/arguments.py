"""The arguments of `watch`: what is wrong is said and its default taken, so that a slip costs no run its capture."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import nn

from trainvitals.capture.taker import Families
from trainvitals.guard import Guard

FAMILIES = ("all", "gradients", "parameters", "activations", None)
BUDGET = 0.02
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Arguments:
    """The arguments of `watch` beside the model and its companions, each one valid."""

    prefix: str | None
    families: Families
    log_freq: int | None
    budget: float
    include: tuple[str, ...]
    exclude: tuple[str, ...]


def is_watchable(model: Any, guard: Guard) -> bool:
    """Whether it is a module; what it is instead is said."""
    if isinstance(model, nn.Module):
        return True
    what = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
    _refused(
        guard,
        f"watch needs a torch.nn.Module and was given {what}: nothing of it is captured, training goes on. "
        f"Pass the network itself, as in run.watch(model, optimizer)",
    )
    return False


def chosen(guard: Guard, *, prefix: Any, log: Any, log_freq: Any, budget: Any, include: Any, exclude: Any) -> Arguments:
    """The arguments as they are, or their defaults where they make no sense, with a word to the user."""
    if log not in FAMILIES:
        _refused(guard, f"watch(log={log!r}) is not known, so everything is captured: {_listed(FAMILIES)} are known")
        log = "all"
    if log_freq is not None and not (isinstance(log_freq, int) and not isinstance(log_freq, bool) and log_freq >= 1):
        _refused(
            guard,
            f"watch(log_freq={log_freq!r}) is no whole number from 1, so the budget decides how often is sampled; "
            f"log=None captures nothing",
        )
        log_freq = None
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 <= budget <= 1:
        _refused(
            guard,
            f"watch(budget={budget!r}) is no share of the training time from 0 to 1: {BUDGET} (2 %) is used",
        )
        budget = BUDGET
    if prefix is not None and not isinstance(prefix, str):
        _refused(guard, f"watch(name={prefix!r}) is no text: {str(prefix)!r} is used")
        prefix = str(prefix)
    return Arguments(
        prefix or None,
        log,
        log_freq,
        float(budget),
        _patterns(guard, "include", include),
        _patterns(guard, "exclude", exclude),
    )


def tell_unmatched(guard: Guard, patterns: Iterable[str], names: Iterable[str], *, captures: bool) -> None:
    """Say which patterns match no name, and what the names are like."""
    effect = "they change nothing" if captures else "nothing of this model is captured"
    _refused(
        guard,
        f"watch: no layer or parameter matches {_listed(sorted(patterns))}: {effect}. Patterns are shell patterns on "
        f"dotted names, here such as {_listed(sorted(names)[:NAMES_SHOWN])}",
    )


def _patterns(guard: Guard, label: str, patterns: Any) -> tuple[str, ...]:
    """One pattern may stand alone: as a sequence it would fall into letters."""
    if patterns is None or isinstance(patterns, str):
        return (patterns,) if patterns else ()
    if isinstance(patterns, Iterable):
        found = tuple(patterns)
        if all(isinstance(pattern, str) for pattern in found):
            return found
    _refused(guard, f"watch({label}={patterns!r}) is no list of texts and is left aside")
    return ()


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(repr(name) for name in names)


def _refused(guard: Guard, message: str) -> None:
    guard.drop("watch_argument")
    guard.terminal.warn(message)
