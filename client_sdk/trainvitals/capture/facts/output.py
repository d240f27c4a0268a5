"""The output that the criterion is fed: its range, its rows, and how much it depends on the sample."""

import numpy as np

from trainvitals.capture.batch import Batch, Floats, Number, Told


def describe(batch: Batch) -> Told:
    part = batch.output
    if part is None:
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
        size = float(np.sqrt(np.square(values).mean()))
        yield Number("output_variation", float(np.sqrt(values.var(axis=0).mean())) / size if size else 0.0)
