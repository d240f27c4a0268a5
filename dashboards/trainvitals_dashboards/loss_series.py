"""Which series of a run are its losses (DESIGN.md section 3)."""

from collections.abc import Collection, Mapping
from typing import Any

from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS, VALIDATION_LOSS_KEYS


def training_loss(keys: Collection[str]) -> str | None:
    """The series that the rules judge: the user's own loss, else the criterion's output."""
    return next((key for key in (*LOSS_KEYS, CRITERION_LOSS_KEY) if key in keys), None)


def last_loss(summary: Mapping[str, Any]) -> float | None:
    """The last training loss that the summary of a run knows; a summary may hold anything that its owner set."""
    key = training_loss(summary)
    entry = summary[key] if key else None
    last = entry.get("last") if isinstance(entry, dict) else None
    return last if isinstance(last, int | float) else None


def validation_loss(keys: Collection[str]) -> str | None:
    """The validation loss, where the user logs one."""
    return next((key for key in VALIDATION_LOSS_KEYS if key in keys), None)
