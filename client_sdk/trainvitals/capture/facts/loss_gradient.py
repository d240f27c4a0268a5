"""The gradient that the loss sends back to the model's output: which loss it must come from, and what that was fed."""

from trainvitals.capture.batch import Batch, Fact, Told, finite

AT_ONCE = 2
"""So many looks in a row that agree are told as they come."""


def describe(batch: Batch) -> Told:
    answer, found = batch.answer, batch.loss_fit
    if answer is None or found is None or batch.phase != "training":
        return
    form, fits = batch.memory.get("loss_gradient", ("", 0))
    fits = fits + 1 if form == found.form else 1
    batch.memory["loss_gradient"] = (found.form, fits)
    if fits > AT_ONCE and not batch.due:
        return
    single = len(answer.shape) == 1
    sums = answer.values.ravel() if single else answer.values.sum(axis=1)
    details = {"form": found.form, "scale": found.scale, "error": found.error, "looks": batch.looks}
    details |= {"output_shape": list(answer.shape), "outputs": 1 if single else answer.width}
    details |= {"output_min": finite(answer.values.min()), "output_max": finite(answer.values.max())}
    details |= {"output_row_sum_min": finite(sums.min()), "output_row_sum_max": finite(sums.max())}
    yield Fact("loss_gradient", details)
