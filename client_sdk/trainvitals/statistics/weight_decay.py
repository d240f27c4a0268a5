"""How strongly weight decay pulls at a parameter beside its data.

Coupled decay adds decay times weight to the gradient; decoupled decay (Loshchilov and Hutter 2019) takes rate times
decay times weight off beside the update.
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats
from trainvitals.capture.settings import Setting

APART = True


def measure(seen: Observation) -> Measured:
    norms = dict(zip(seen.gradients.owners, seen.gradient_norms.tolist(), strict=True))
    found: dict[str, float] = {}
    before = seen.weights_before
    for row, owner in enumerate(before.owners):
        setting = seen.settings.get(owner)
        if setting is None or not setting.weight_decay or not setting.has_gradient:
            continue
        if setting.decoupled:
            weights = before.rows[row].astype(np.float64)
            ratio = _decoupled(setting, weights, seen.updates.rows[row].astype(np.float64))
        else:
            ratio = _share(setting.weight_decay * float(before.norm[row]), norms.get(owner, 0.0))
        if np.isfinite(ratio):
            found[owner] = ratio
    if found:
        yield Column("weight_decay_ratio", tuple(found), np.array(list(found.values())))


def _decoupled(setting: Setting, weights: Floats, update: Floats) -> float:
    decay = setting.learning_rate * setting.weight_decay * weights
    return _share(float(np.sqrt(np.square(decay).sum())), float(np.sqrt(np.square(update + decay).sum())))


def _share(decay: float, data: float) -> float:
    return decay / data if data > 0 else np.inf
