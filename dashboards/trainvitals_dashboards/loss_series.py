"""Which series of a run are its losses: under the known names, else under those that people give them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from trainvitals_wire.loss_names import is_criterion, is_training_loss, is_validation_loss, is_whole_training_loss
from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS, VALIDATION_LOSS_KEYS


def training_loss(keys: Collection[str]) -> str | None:
    """The user's own loss, else the criterion's output, else the only one that is called a loss or a criterion."""
    known = next((key for key in LOSS_KEYS if key in keys), None) or _first(keys, is_whole_training_loss)
    if known or CRITERION_LOSS_KEY in keys:
        return known or CRITERION_LOSS_KEY
    called = _called(keys, is_training_loss) or _called(keys, is_criterion)
    return called[0] if len(called) == 1 else None


def last_loss(summary: Mapping[str, Any]) -> float | None:
    """The last training loss that the summary of a run knows; a summary may hold anything that its owner set."""
    key = training_loss(summary)
    entry = summary[key] if key else None
    last = entry.get("last") if isinstance(entry, dict) else None
    return last if isinstance(last, int | float) else None


def validation_loss(keys: Collection[str]) -> str | None:
    """The validation loss, where the user logs one."""
    return next((key for key in VALIDATION_LOSS_KEYS if key in keys), None) or _first(keys, is_validation_loss)


def _first(keys: Collection[str], is_called: Callable[[str], bool]) -> str | None:
    return next(iter(_called(keys, is_called)), None)


def _called(keys: Collection[str], is_called: Callable[[str], bool]) -> list[str]:
    return sorted(key for key in keys if is_called(key))
