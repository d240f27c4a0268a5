"""The prediction beside its target: accuracy and confidence of a classifier, correlation of a regression."""

import numpy as np

from trainvitals.capture.batch import Batch, Number, Told
from trainvitals.capture.predictions import probabilities


def describe(batch: Batch) -> Told:
    found = batch.predicted
    if found is not None:
        labels, guesses = found
        yield Number("prediction_accuracy", float((labels == guesses).mean()))
        _, counts = np.unique(guesses, return_counts=True)
        yield Number("prediction_majority_fraction", float(counts.max() / len(guesses)))
        share = probabilities(batch)
        if share is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                terms = np.where(share > 0, share * np.log(share), 0.0)
            yield Number("prediction_entropy", float(-terms.sum(axis=1).mean()) + 0.0)
    elif not batch.classes:
        correlation = _correlation(batch)
        if correlation is not None:
            yield Number("prediction_correlation", correlation)


def _correlation(batch: Batch) -> float | None:
    """Pearson's, over all elements; None where one of the two does not vary."""
    output, target = batch.output, batch.target
    if output is None or target is None or output.values.shape != target.values.shape or output.width != target.width:
        return None
    one, other = output.values.astype(np.float64), target.values.astype(np.float64)
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt(np.square(one).sum() * np.square(other).sum()))
    return float((one * other).sum()) / size if np.isfinite(size) and size > 0 else None
