"""A squared error, told by its factor: with L = c sum (z - t)^2 the gradient g = 2 c (z - t) has c = g.g / 4 L.

Of no other loss is that the same number at each look, but for those that `squares` tells apart by the graph, and for
those that compare outputs with each other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trainvitals.capture.batch import Batch
from trainvitals.capture.loss_forms import TOLERANCE

LOOKS_MIN = 3
"""So many looks with one factor, which two losses may have by chance."""
LOSSES_APART = 1.01
"""By so much the losses must differ from look to look: of one loss any function has one factor."""
FACTOR_EXACT = 1e-4
"""How near the factors of looks must be: what is left is the rounding of a sum in float32."""
USUAL_EXACT = 1e-3
"""How near a factor must be to that of a mean or a sum: others stand for something between output and loss."""
HALVED_MAX = 5
"""A mean may be halved so often, by a factor of a half or by passes that are accumulated."""
CENTRED = 1e-5
"""Share of their size that gradients sum to, below which they sum to 0."""
VARIES = 1e-4
"""Share of the outputs' size by which targets must differ: they are differences, and are rounded like those."""


class Squared(NamedTuple):
    """A squared error of `factor` times the sum of the squares of `elements` of `samples`, and its `loss`, unscaled."""

    factor: float
    elements: int
    samples: int
    loss: float

    @property
    def of_mean(self) -> float:
        """The factor before the mean of the squares."""
        return self.factor * self.elements

    @property
    def reduction(self) -> str | None:
        """None where it is a part of a mean or a sum."""
        if abs(self.of_mean - 1) < USUAL_EXACT:
            return "mean"
        return "sum" if abs(self.factor - 1) < USUAL_EXACT else None

    @property
    def usual(self) -> bool:
        """Whether it is that of a mean or a sum, over all or over the samples, halved or divided by passes."""
        factors = [self.factor * count for count in (self.elements, self.samples, 1)]
        return any(abs(factor * 2**power - 1) < USUAL_EXACT for factor in factors for power in range(HALVED_MAX + 1))


def squared(batch: Batch) -> Squared | None:
    """What it would have to be; only where the whole of the output was copied."""
    answer, gradient, loss = batch.answer, batch.answer_gradient, batch.loss
    if answer is None or gradient is None or loss is None or answer.columns is not None:
        return None
    elements = int(np.prod(answer.shape))
    if gradient.values.size != elements or answer.values.size != elements:
        return None
    value = float(loss.values.ravel()[0])
    square = float(np.square(gradient.values.astype(np.float64)).sum())
    if not (np.isfinite(square) and np.isfinite(value)) or value <= 0 or square <= 0:
        return None
    factor = square / (4 * value)
    return Squared(factor / batch.gradient_scale, elements, answer.shape[0], value / batch.gradient_scale)


def agree(one: Squared, other: Squared, batch: Batch) -> bool:
    """Means have one factor before the mean, sums before the sum."""
    dtype = "" if batch.answer_gradient is None else batch.answer_gradient.dtype
    exact = max(FACTOR_EXACT, TOLERANCE.get(dtype, 0.0))
    return abs(one.of_mean / other.of_mean - 1) < exact or abs(one.factor / other.factor - 1) < exact


def believed(looks: Sequence[tuple[Batch, Squared]], completed: Sequence[Batch]) -> bool:
    """Whether looks that agree are enough, and what they would be `completed` to are targets."""
    losses = [found.loss for _, found in looks]
    differ = max(losses) > LOSSES_APART * min(losses)
    usual = all(found.usual for _, found in looks)
    return len(looks) >= LOOKS_MIN and differ and usual and not _centred(looks) and _vary(completed)


def _centred(looks: Sequence[tuple[Batch, Squared]]) -> bool:
    """Whether the gradients of each look sum to 0: what is compared is then no output, but how outputs differ."""
    gradients = [batch.answer_gradient.values for batch, _ in looks if batch.answer_gradient is not None]
    return any(
        all(np.abs(sent.sum(axis)).max() < CENTRED * np.abs(sent).sum(axis).max() for sent in gradients)
        for axis in (None, 0, 1)
    )


def _vary(completed: Sequence[Batch]) -> bool:
    """Whether there are targets, beside the 0 or the one value that a penalty pulls all outputs to."""
    targets = [batch.target.values.ravel() for batch in completed if batch.target is not None]
    outputs = [batch.output.values.ravel() for batch in completed if batch.output is not None]
    if not targets:
        return False
    return bool(np.concatenate(targets).std() > VARIES * np.abs(np.concatenate(outputs)).max())
