"""Quantiles read from histograms against those of the whole tensors."""

from collections.abc import Iterator

import numpy as np
from training import PERCENTILE, Record
from truth import Array, Step

from trainvitals_wire.histogram import quantile

QUANTILES = (0.05, 0.25, 0.75, 0.95)
VALUES_MIN = 1_000
"""Of fewer values the quantile itself is a matter of definition."""


def tensors(step: Step) -> Iterator[tuple[str, Array]]:
    for family, part in (("activation", step.outputs), ("gradient", step.gradients), ("weight", step.after)):
        yield from ((f"{family}/{owner}", values) for owner, values in part.items())
    yield from ((f"update/{owner}", values) for owner, values in step.updates())


def test_quantiles_are_within_12_percent(seen: Record) -> None:
    told = {(h.key, h.step): h for report in seen.transport.reports for h in report.histograms}
    errors = []
    for place in sorted({step for _, step in told}):
        for key, values in tensors(seen.steps[place]):
            if (key, place) in told and values.size >= VALUES_MIN:
                errors.extend(_errors(told[key, place].dense(), values))
    assert len(errors) > 40
    assert np.percentile(errors, PERCENTILE) < 0.12


def _errors(counts: np.ndarray, values: Array) -> Iterator[float]:
    """Relative to the quantile itself, where it does not lie within a tenth of a standard deviation around 0."""
    for share in QUANTILES:
        true = float(np.quantile(values, share))
        if abs(true) > values.std() / 10:
            yield abs(quantile(counts, share) - true) / abs(true)
