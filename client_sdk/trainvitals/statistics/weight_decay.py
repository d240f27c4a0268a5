"""How strongly weight decay pulls at a parameter beside its data.

Coupled decay adds decay times weight to the gradient; decoupled decay (Loshchilov and Hutter 2019) takes rate times
decay times weight off beside the update.
"""

from collections.abc import Sequence

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats
from trainvitals.capture.settings import Setting

APART = True


def measure(seen: Observation) -> Measured:
    before = seen.weights_before
    settings = [seen.settings.get(owner) for owner in before.owners]
    decays = [0.0 if one is None or not one.has_gradient else one.weight_decay for one in settings]
    if not any(decays):
        return
    decoupled = np.array([one is not None and one.decoupled for one in settings])
    ratio = _decoupled(seen, settings, decays) if decoupled.any() else _coupled(seen, decays)
    if decoupled.any() and not decoupled.all():
        ratio = np.where(decoupled, ratio, _coupled(seen, decays))
    chosen = np.flatnonzero((np.array(decays) != 0) & np.isfinite(ratio)).tolist()
    if chosen:
        yield Column("weight_decay_ratio", tuple(before.owners[row] for row in chosen), ratio[chosen])


def _decoupled(seen: Observation, settings: Sequence[Setting | None], decays: Sequence[float]) -> Floats:
    before = seen.weights_before
    rates = np.array([0.0 if one is None else one.learning_rate for one in settings]) * decays
    data = before.sum(np.square(seen.updates.values + np.repeat(rates, before.counts) * before.values))
    return np.abs(rates) * np.sqrt(before.mean_square * before.counts) / np.sqrt(data)


def _coupled(seen: Observation, decays: Sequence[float]) -> Floats:
    norms = dict(zip(seen.gradients.owners, seen.gradient_norms.tolist(), strict=True))
    data = np.array([norms.get(owner, 0.0) for owner in seen.weights_before.owners])
    found: Floats = np.array(decays) * seen.weights_before.norm / data
    return found
