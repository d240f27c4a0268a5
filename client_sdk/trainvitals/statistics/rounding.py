"""The share of elements with a gradient whose weight a step left exactly as it was: the update was lost in rounding.

An update below half the distance to the next number of the parameter's type changes nothing: 2^-9 of a weight in
bfloat16, 2^-12 in float16, 2^-25 in float32 (Goldberg 1991; Zamirai et al. 2020 on training in bfloat16).
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation

TYPES = ("float32", "float16", "bfloat16")
"""The sample is float32: what is lost in float64 would not show in it."""
APART = True


def measure(seen: Observation) -> Measured:
    gradients = dict(zip(seen.gradients.owners, seen.gradients.rows, strict=True))
    found: dict[str, float] = {}
    for owner, change in zip(seen.updates.owners, seen.updates.rows, strict=True):
        setting, gradient = seen.settings.get(owner), gradients.get(owner)
        if setting is None or gradient is None or setting.dtype not in TYPES or not setting.learning_rate:
            continue
        meant = np.isfinite(gradient) & (gradient != 0)
        if meant.any() and len(gradient) == len(change):
            found[owner] = float((change[meant] == 0).mean())
    if found:
        yield Column("update_lost_fraction", tuple(found), np.array(list(found.values())))
