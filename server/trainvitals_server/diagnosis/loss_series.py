"""Which series is the loss that is judged, and which the validation loss."""

from collections.abc import Callable, Collection, Iterable

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.median import median
from trainvitals_wire.loss_names import (
    VALIDATION_WORDS,
    criteria,
    is_criterion,
    is_training_loss,
    is_validation_loss,
    is_whole_training_loss,
    words,
)
from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS, VALIDATION_LOSS_KEYS

DENSER = 4
"""A criterion with so many times the points of a loss that is logged now and then is judged in its place."""

SCALED_MIN, SCALED_MAX, SCALED_WITHIN = 8, 200, 0.01
"""Points of which a loss is told to be its criterion times a number: last ones, and to a hundredth."""

Series = Callable[[str], History]


def logged_loss(series: Series, metrics: Collection[str]) -> str | None:
    """The user's own loss: one of the known names, else the densest that is called a whole loss of training."""
    known = next((key for key in LOSS_KEYS if len(series(key))), None)
    return known or _densest(series, filter(is_whole_training_loss, sorted(metrics)))


def judged_loss(series: Series, metrics: Collection[str]) -> str:
    """The user's own loss, else the criterion's value, else the only metric called a loss, or as a criterion is.

    A loss that is logged each twentieth step says what it says after a thousand steps; the criterion, where it is
    watched, is known at each of them. A loss that is logged as the criterion times a number is on no scale of chance.
    """
    own, criterion = logged_loss(series, metrics), len(series(CRITERION_LOSS_KEY))
    if own is not None:
        denser = criterion >= DENSER * len(series(own))
        return CRITERION_LOSS_KEY if denser or scale_of(series(own), series(CRITERION_LOSS_KEY)) else own
    if criterion:
        return CRITERION_LOSS_KEY
    called = _called(series, metrics, is_training_loss) or _called(series, metrics, is_criterion)
    return called[0] if len(called) == 1 else LOSS_KEYS[0]


def scale_of(logged: History, own: History) -> float | None:
    """The number that the criterion is logged times; None where it is 1, or differs from point to point."""
    if len(logged) < SCALED_MIN or len(own) < SCALED_MIN:
        return None
    whole, part = logged.finite().beside(own.finite())
    whole, part = whole.last(SCALED_MAX), part.last(SCALED_MAX)
    if len(part) < SCALED_MIN or not (part.values > 0).all():
        return None
    quotient = whole.values / part.values
    factor = median(quotient)
    if factor <= 0 or abs(factor - 1) <= SCALED_WITHIN:
        return None
    # The last batch of an epoch may be smaller.
    return factor if median(np.abs(quotient / factor - 1)) <= SCALED_WITHIN else None


def logged_terms(series: Series, metrics: Collection[str]) -> list[str]:
    """What may be a loss, or a term of it, where none can be judged: all called so, else the only metric there is."""
    found = _called(series, metrics, is_training_loss) or _called(series, metrics, is_criterion)
    known = sorted(key for key in metrics if len(series(key)))
    return found or [key for key in known if len(known) == 1 and not words(key) & VALIDATION_WORDS]


def _called(series: Series, metrics: Collection[str], is_called: Callable[[str], bool]) -> list[str]:
    return [key for key in sorted(metrics) if is_called(key) and len(series(key))]


def validation_loss(series: Series, metrics: Collection[str]) -> str | None:
    """One of the known names, else the densest metric that is called a loss of validation or test.

    Else what is held out under the name of the criterion that is judged: `val/nll` beside `nll`.
    """
    known = next((key for key in VALIDATION_LOSS_KEYS if len(series(key))), None)
    found = known or _densest(series, filter(is_validation_loss, sorted(metrics)))
    judged = criteria(judged_loss(series, metrics)) if found is None else frozenset[str]()
    held_out = (key for key in sorted(metrics) if words(key) & VALIDATION_WORDS and criteria(key) & judged)
    return found or _densest(series, held_out)


def _densest(series: Series, keys: Iterable[str]) -> str | None:
    found = [key for key in keys if len(series(key))]
    return max(found, key=lambda key: len(series(key)), default=None)
