"""The gradient that the loss sends back to the model's output: which loss it must come from, and what that was fed."""

import numpy as np

from trainvitals.capture.batch import Batch, Fact, Told, finite
from trainvitals.capture.loss_forms import fit

AT_ONCE = 2
"""So many looks in a row that agree are told as they come."""


def describe(batch: Batch) -> Told:
    answer, gradient = batch.answer, batch.answer_gradient
    if answer is None or gradient is None or answer.columns is not None or batch.phase != "training":
        return
    if answer.values.shape != gradient.values.shape:
        return
    found = fit(answer.values.astype(np.float64, copy=False), gradient.values.astype(np.float64), gradient.dtype)
    if found is None:
        return
    form, fits = batch.memory.get("loss_gradient", ("", 0))
    fits = fits + 1 if form == found.form else 1
    batch.memory["loss_gradient"] = (found.form, fits)
    if fits > AT_ONCE and not batch.due:
        return
    sums = answer.values.sum(axis=1)
    details = {"form": found.form, "scale": found.scale, "error": found.error, "looks": batch.looks}
    details |= {"output_shape": list(answer.shape), "outputs": answer.width}
    details |= {"output_min": finite(answer.values.min()), "output_max": finite(answer.values.max())}
    details |= {"output_row_sum_min": finite(sums.min()), "output_row_sum_max": finite(sums.max())}
    yield Fact("loss_gradient", details)
