"""How far a step moved a parameter: the norm of the change, and its ratio to the norm of the parameter before.

Healthy ratios lie around 1e-3 (A. Karpathy, CS231n notes, "Ratio of weights:updates"). Both norms are over the same
sampled elements, so their ratio needs no scaling.
"""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation


def measure(seen: Observation) -> Measured:
    updates = seen.updates
    if updates:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(updates.norm == 0, 0.0, updates.norm / seen.weights_before.norm)
        yield Column("update_norm", updates.owners, updates.norm)
        moved_from_zero = np.isinf(ratio) & np.isfinite(updates.norm)
        chosen = np.flatnonzero(~moved_from_zero).tolist()
        if chosen:
            yield Column("update_ratio", tuple(updates.owners[row] for row in chosen), ratio[chosen])
