"""How far a step moved a parameter: the norm of the change, and its ratio to the norm of the parameter before.

Healthy ratios lie around 1e-3 (A. Karpathy, CS231n notes, "Ratio of weights:updates").
"""

import numpy as np

from trainvitals.capture.calibration import calibrated_norms
from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats

PROPORTIONAL = 0.98
"""Squared correlation of squared updates and squared gradients from which one follows from the other, as it does for
plain SGD."""
REACH = 2.0
"""Otherwise the slope counts where the gradient's sample is off by less than this factor. Beyond it one large gradient
of a few rows of an embedding made Adam's update up to 3,000 times too long (24 % without)."""


def measure(seen: Observation) -> Measured:
    updates = seen.updates
    if updates:
        norms = np.sqrt(_mean_squares(seen) * updates.sizes)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(norms == 0, 0.0, norms / calibrated_norms(seen.weights_before, seen))
        yield Column("update_norm", updates.owners, norms)
        moved_from_zero = np.isinf(ratio) & np.isfinite(norms)
        chosen = np.flatnonzero(~moved_from_zero).tolist()
        if chosen:
            yield Column("update_ratio", tuple(updates.owners[row] for row in chosen), ratio[chosen])


def _mean_squares(seen: Observation) -> Floats:
    """The mean square of each update, steadied by its gradient, whose mean square over all elements is known.

    The regression estimator of a mean: that of the sample, plus the slope of squared updates on squared gradients times
    how far the gradient's sample is off (W. G. Cochran, Sampling Techniques, 3rd edition, chapter 7). It is not
    followed far from what was sampled.
    """
    updates = seen.updates
    found = updates.mean_square.copy()
    mine, theirs = updates.paired(seen.gradients)
    if not mine:
        return found
    norms = dict(zip(seen.gradients.owners, seen.gradient_norms.tolist(), strict=True))
    exact = np.square([norms[owner] for owner in theirs.owners]) / theirs.sizes
    spread = theirs.squares - np.repeat(theirs.mean_square, theirs.counts)
    together, apart = mine.sum(mine.squares * spread), mine.sum(np.square(spread))
    better = mine.mean_square + together / apart * (exact - theirs.mean_square)
    own = mine.sum(np.square(mine.squares - np.repeat(mine.mean_square, mine.counts)))
    off = exact / theirs.mean_square
    near = (off > 1 / REACH) & (off < REACH)
    better = np.where(near | (np.square(together) > PROPORTIONAL * apart * own), better, mine.mean_square)
    # What was taken whole is exact as it is.
    better = np.where((mine.counts < mine.sizes) & np.isfinite(better) & (better > 0), better, mine.mean_square)
    places = {owner: row for row, owner in enumerate(updates.owners)}
    found[[places[owner] for owner in mine.owners]] = better
    return found
