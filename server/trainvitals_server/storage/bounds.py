"""The bounds of the stretches in which a run is judged, and of the frames in which compacted numbers are read back."""

from itertools import accumulate, repeat, takewhile

import numpy as np

STEPS_MIN = 10
"""A sender may pack a whole short training into two reports, and most faults show in its first hundred steps."""
STEPS_SHARE = 10
"""A stretch is one part in so many of the steps before it: a million steps are some 110 stretches."""

_bounds = accumulate(repeat(0), lambda step, _: step + max(STEPS_MIN, step // STEPS_SHARE))
BOUNDS = np.array(list(takewhile(lambda step: step < 2**62, _bounds)), dtype=np.int64)
"""The steps with which a stretch begins."""
