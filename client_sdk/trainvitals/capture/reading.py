"""Reading: from look to look, what the gradient at the model's output says of targets that no criterion is asked for.

A form is believed once several looks in a row agree. Until then batches wait, so that what is told of them later is
what would have been told with the criterion. Where looks contradict each other nothing is read any more.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from trainvitals.capture.batch import Batch, Fit, Part
from trainvitals.capture.loss_forms import TOLERANCE, fit, fit_as
from trainvitals.capture.positions import positions
from trainvitals.capture.rows import ROWS_MAX
from trainvitals.capture.targets import CLASSES, TRUTHS, with_numbers, with_targets

AGREE_FORM = 2
"""So many looks in a row with one form: a row that fits to five digits is no chance, a batch got right may be."""
AGREE_FACTOR = 3
"""So many looks with one factor of a squared error, which two losses may have by chance."""
LOSSES_APART = 1.01
"""By so much the losses must differ from look to look: of one loss any function has one factor."""
FACTOR_EXACT = 1e-4
"""How near the factors of looks must be: what is left is the rounding of a sum in float32."""
USUAL_EXACT = 1e-3
HALVED_MAX = 5
"""A mean may be halved so often, by a factor of a half or by passes that are accumulated."""
CENTRED = 1e-5
"""Share of their size that gradients sum to, below which they sum to 0."""
VARIES = 1e-4
"""Share of the outputs' size by which targets must differ: they are differences, and are rounded like those."""
TRIES_MAX = 8
"""Looks in which a squared error is looked for."""


class Squared(NamedTuple):
    """A squared error of `factor` times the sum of the squares of `elements`, and its `loss`."""

    factor: float
    elements: int
    loss: float

    @property
    def of_mean(self) -> float:
        """The factor before the mean of the squares."""
        return self.factor * self.elements


class Reading:
    """Of one watch, in the worker. `reads`: the facts of a criterion bear no owner, so that the first watch alone does.

    `asks_loss`: whether the loss itself would tell something, read by any thread.
    """

    def __init__(self, *, reads: bool = True) -> None:
        self._waiting: list[tuple[Batch, Squared | None]] = []
        self._form: Fit | None = None
        self._squared: Squared | None = None
        self._tries = 0
        self._ended = not reads
        self.asks_loss = reads

    def of(self, batch: Batch) -> Sequence[Batch]:
        """The batches that can be told of now, completed where their targets are certain, in their order."""
        if batch.phase != "training":
            return (batch,)
        scores, gradient = _columns(batch.answer), _columns(batch.answer_gradient)
        if scores is None or gradient is None or scores.values.shape != gradient.values.shape:
            return (*self.end(), batch)
        seen = fit(scores.values.astype(np.float64), gradient.values.astype(np.float64), gradient.dtype)
        batch = replace(batch, loss_fit=seen)
        if self._ended or batch.output is not None:
            return (*self.end(), batch)
        if self._form is not None:
            return (self._as_before(batch, self._form),)
        if seen is not None and (seen.form in CLASSES or seen.form in TRUTHS):
            return self._of_form(batch, seen)
        return self._of_numbers(batch)

    def end(self) -> Sequence[Batch]:
        """Those that still wait, as they are."""
        waiting, self._waiting = self._waiting, []
        return tuple(batch for batch, _ in waiting)

    def _stop(self) -> None:
        self._ended, self.asks_loss = True, False

    def _of_form(self, batch: Batch, seen: Fit) -> Sequence[Batch]:
        """The first looks at a form of classes or truths."""
        if self._squared is not None:
            self._stop()
            return (batch,)
        fits = [before.loss_fit for before, _ in self._waiting]
        if any(before is None or _kind(before) != _kind(seen) for before in fits):
            self._stop()
            return (*self.end(), batch)
        self._waiting.append((batch, None))
        if len(self._waiting) < AGREE_FORM:
            return ()
        self._form, self.asks_loss = seen, False
        return tuple(_completed(before, before.loss_fit or seen) for before in self.end())

    def _as_before(self, batch: Batch, form: Fit) -> Batch:
        """Of a form that is believed: even where others would fit as well, as of a batch that is all but right."""
        if batch.loss_fit is not None and _kind(batch.loss_fit) != _kind(form):
            self._stop()
            return batch
        scores, gradient = _columns(batch.answer), _columns(batch.answer_gradient)
        if scores is None or gradient is None:
            return batch
        found = fit_as(form, scores.values.astype(np.float64), gradient.values.astype(np.float64), gradient.dtype)
        return batch if found is None else _completed(batch, found)

    def _of_numbers(self, batch: Batch) -> Sequence[Batch]:
        """Whether the loss is a squared error: its factor is then the same at each look, whatever the loss is."""
        found = _squared(batch)
        if self._squared is not None:
            if found is None:
                return (batch,)
            if not _agree(found, self._squared, batch):
                self._stop()
                return (batch,)
            return (_with_numbers(batch, found),)
        self._tries += 1
        if found is None or any(squared is None or not _agree(found, squared, batch) for _, squared in self._waiting):
            self.asks_loss = self._tries < TRIES_MAX
            return (*self.end(), batch)
        self._waiting.append((batch, found))
        squares = [squared for _, squared in self._waiting if squared is not None]
        losses = [squared.loss for squared in squares]
        differ = max(losses) > LOSSES_APART * min(losses)
        if len(squares) >= AGREE_FACTOR and differ and _is_usual(found, batch) and not self._centred():
            told = [_with_numbers(before, one) for (before, _), one in zip(self._waiting, squares, strict=True)]
            if _vary(told):
                self._squared, self._waiting = found, []
                return told
        self.asks_loss = self._tries < TRIES_MAX
        return () if self.asks_loss else self.end()

    def _centred(self) -> bool:
        """Whether the gradients of each look sum to 0: what is compared is then no output, but how outputs differ."""
        gradients = [before.answer_gradient.values for before, _ in self._waiting if before.answer_gradient is not None]
        return any(
            all(np.abs(sent.sum(axis)).max() < CENTRED * np.abs(sent).sum(axis).max() for sent in gradients)
            for axis in (None, 0, 1)
        )


def _kind(found: Fit) -> tuple[str, bool]:
    """A form and its sign."""
    return found.form, found.scale > 0


def _completed(batch: Batch, found: Fit) -> Batch:
    answer, gradient = _columns(batch.answer), _columns(batch.answer_gradient)
    return with_targets(replace(batch, answer=answer, answer_gradient=gradient), found) or batch


def _with_numbers(batch: Batch, found: Squared) -> Batch:
    factor = found.factor / batch.gradient_scale
    of_mean = factor * found.elements
    reduction = "mean" if abs(of_mean - 1) < 1e-3 else "sum" if abs(factor - 1) < 1e-3 else None
    return with_numbers(batch, found.factor, reduction) or batch


def _squared(batch: Batch) -> Squared | None:
    """What a squared error would have to be: with L = c sum (z - t)^2 the gradient g = 2 c (z - t) has c = g.g / 4 L.

    Only where the whole of the output was copied.
    """
    answer, gradient, loss = batch.answer, batch.answer_gradient, batch.loss
    if answer is None or gradient is None or loss is None or answer.columns is not None:
        return None
    count = int(np.prod(answer.shape))
    if gradient.values.size != count or answer.values.size != count:
        return None
    value = float(loss.values.ravel()[0])
    square = float(np.square(gradient.values.astype(np.float64)).sum())
    if not (np.isfinite(square) and np.isfinite(value)) or value <= 0 or square <= 0:
        return None
    return Squared(square / (4 * value), count, value / batch.gradient_scale)


def _is_usual(found: Squared, batch: Batch) -> bool:
    """Whether the factor is that of a mean or a sum, over all or over the samples, halved or divided by passes."""
    samples = batch.answer.shape[0] if batch.answer is not None else 1
    factors = [found.factor * count / batch.gradient_scale for count in (found.elements, samples, 1)]
    return any(abs(factor * 2**power - 1) < USUAL_EXACT for factor in factors for power in range(HALVED_MAX + 1))


def _vary(told: Sequence[Batch]) -> bool:
    """Whether there are targets, beside the 0 or the one value that a penalty pulls all outputs to."""
    targets = [batch.target.values.ravel() for batch in told if batch.target is not None]
    outputs = [batch.output.values.ravel() for batch in told if batch.output is not None]
    if not targets:
        return False
    return bool(np.concatenate(targets).std() > VARIES * np.abs(np.concatenate(outputs)).max())


def _agree(one: Squared, other: Squared, batch: Batch) -> bool:
    """Means have one factor before the mean, sums before the sum."""
    exact = max(FACTOR_EXACT, TOLERANCE.get("" if batch.answer_gradient is None else batch.answer_gradient.dtype, 0.0))
    near = abs(one.of_mean / other.of_mean - 1) < exact
    return near or abs(one.factor / other.factor - 1) < exact


def _columns(part: Part | None) -> Part | None:
    """A row for each sample: of an output of one axis each element is one."""
    if part is None or part.columns is not None:
        return None
    if len(part.shape) != 1:
        return part
    values = part.values.reshape(-1, 1)
    if len(values) > ROWS_MAX:
        values = values[positions(len(values), ROWS_MAX)]
    return Part(values, part.shape, part.dtype, 1)
