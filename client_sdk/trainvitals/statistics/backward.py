"""What happened between backward pass and step: how many passes, gradients carried over, and clipping."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation
from trainvitals.capture.ragged import Floats

APART = True


def measure(seen: Observation) -> Measured:
    passes = seen.passes
    if passes is None:
        return
    yield _of_run("backward_passes", passes.count)
    scale = passes.scale or 1.0
    if np.isfinite(passes.carried_norm):
        yield _of_run("gradient_norm_carried", passes.carried_norm / scale)
    if not np.isfinite(passes.norm):
        return
    before, after = passes.norm / scale, _total(seen.gradient_norms)
    yield _of_run("gradient_norm_unclipped", before)
    if before > 0 and len(seen.gradient_norms) and np.isfinite(after):
        yield _of_run("gradient_clip_factor", after / before)


def _of_run(statistic: str, value: float) -> Column:
    return Column(statistic, ("",), np.array([value], dtype=np.float64))


def _total(norms: Floats) -> float:
    return float(np.sqrt(np.square(norms).sum()))
