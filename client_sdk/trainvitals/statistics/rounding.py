"""The share of elements with a gradient whose weight a step left exactly as it was: the update was lost in rounding.

An update below half the distance to the next number of the parameter's type changes nothing: 2^-9 of a weight in
bfloat16, 2^-12 in float16, 2^-25 in float32 (Goldberg 1991; Zamirai et al. 2020 on training in bfloat16).
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.settings import Setting

TYPES = ("float32", "float16", "bfloat16")
"""The sample is float32: what is lost in float64 would not show in it."""
APART = True


def measure(seen: Observation) -> Measured:
    updates, gradients = seen.updates.paired(seen.gradients)
    if not updates:
        return
    meant = (gradients.values != 0) & np.isfinite(gradients.values)
    counts, lost = updates.sum(meant), updates.sum(meant & (updates.values == 0))
    chosen = [row for row, owner in enumerate(updates.owners) if counts[row] and _shows(seen.settings.get(owner))]
    if chosen:
        owners = tuple(updates.owners[row] for row in chosen)
        yield Column("update_lost_fraction", owners, lost[chosen] / counts[chosen])


def _shows(setting: Setting | None) -> bool:
    return setting is not None and setting.dtype in TYPES and setting.learning_rate != 0
