"""The output that the loss is fed: its range, its rows, and how much it depends on the sample."""

import numpy as np

from trainvitals.capture.batch import Batch, Floats, Number, Told


def describe(batch: Batch) -> Told:
    part = batch.output
    if part is None:
        yield from _of_answer(batch)
        return
    values: Floats = part.values.astype(np.float64, copy=False)
    usable = part.usable
    if not len(usable):
        return
    yield Number("output_mean", float(usable.mean()))
    yield Number("output_std", float(usable.std()))
    yield Number("output_min", float(usable.min()))
    yield Number("output_max", float(usable.max()))
    if not part.finite:
        return
    if part.columns is None and part.width > 1:
        yield Number("output_row_sum_error", float(np.abs(values.sum(axis=1) - 1).max()))
    if len(values) > 1:
        yield Number("output_variation", _variation(values))


def _of_answer(batch: Batch) -> Told:
    """Of a loss that is a function: whether the model's output depends on the sample, whatever range it asks for."""
    answer = batch.answer
    if answer is not None and batch.phase == "training" and answer.finite and len(answer.values) > 1:
        yield Number("output_variation", _variation(answer.values.astype(np.float64, copy=False)))


def _variation(values: Floats) -> float:
    """The spread across samples, as a share of the size."""
    size = float(np.sqrt(np.square(values).mean()))
    return float(np.sqrt(values.var(axis=0).mean())) / size if size else 0.0
