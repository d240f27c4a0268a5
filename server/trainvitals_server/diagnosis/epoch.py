"""How many samples there are to train on, told from batches that add up to the same again and again."""

import math

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.feed import Details, last_told, samples_of, size
from trainvitals_server.diagnosis.signals import Signals

PASSES_MIN = 3
"""Passes over the data that are compared."""
AGREEMENT = 1e-3
"""Share of the spread between batches by which two passes may differ: rounding."""


def training_samples(signals: Signals) -> int | None:
    """All samples, where the first looks hold three passes over them; None where they are too many to be told.

    However the samples of a pass are shuffled into batches of one size, their mean and their mean square are the same.
    """
    mean, power = (
        signals.history("input_mean").finite(),
        size(signals.history("input_mean"), signals.history("input_std")),
    )
    dense = int(np.argmax(np.diff(mean.steps, append=np.iinfo(np.int64).max) > 1)) + 1 if len(mean) else 0
    if len(power) != len(mean) or not dense or mean.steps[0] > 0:
        return None
    for batches in range(1, dense // PASSES_MIN + 1):
        if all(_repeats(values[:dense], batches) for values in (mean.values, power.values**2)):
            return batches * samples_of(last_told(signals, "input"))
    return None


def fewer_than_they_can_tell(signals: Signals) -> bool:
    """Whether there are fewer samples than twice their features: then a linear map fits any labels (Cover 1965)."""
    samples, seen = signals.once(training_samples), last_told(signals, "input")
    return samples is not None and samples < 2 * _features(seen)


def _features(seen: Details) -> int:
    """By how many numbers a sample is told: of words, which are indices into a table, how often each occurs."""
    words = int(seen.get("max") or 0) + 1 if str(seen.get("dtype", "")).startswith("int") else 0
    return max(words, int(math.prod((seen.get("shape") or [])[1:])))


def _repeats(values: Floats, batches: int) -> bool:
    """Whether each so many successive batches have the same mean."""
    passes = len(values) // batches
    means = values[: passes * batches].reshape(passes, batches).mean(axis=1)
    return bool(np.ptp(means) <= AGREEMENT * max(float(values.std()), 1e-12))
