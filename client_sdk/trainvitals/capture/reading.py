"""Reading: from look to look, what the gradient at the model's output says of targets that no criterion is asked for.

A form is believed once several looks in a row agree. Until then batches wait, so that what is told of them later is
what would have been told with the criterion. Where looks contradict each other nothing is read any more.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainvitals.capture.batch import Batch, Fit, Part
from trainvitals.capture.loss_forms import fit, fit_as
from trainvitals.capture.positions import positions
from trainvitals.capture.rows import ROWS_MAX
from trainvitals.capture.squared_error import Squared, agree, believed, squared
from trainvitals.capture.targets import CLASSES, TRUTHS, with_numbers, with_targets

AGREE_FORM = 2
"""So many looks in a row with one form: a row that fits to five digits is no chance, a batch got right may be."""
TRIES_MAX = 8
"""Looks in which a squared error is looked for."""


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
        """The batches that can be told of now, completed where their targets are certain, in their order.

        A form that is believed stays so where others would fit as well, as of a batch that is all but right.
        """
        if batch.phase != "training":
            return (batch,)
        scores, gradient = _columns(batch.answer), _columns(batch.answer_gradient)
        if scores is None or gradient is None or scores.values.shape != gradient.values.shape:
            return (*self.end(), batch)
        fitted = scores.values.astype(np.float64), gradient.values.astype(np.float64), gradient.dtype
        known = None if self._ended or self._form is None else fit_as(self._form, *fitted)
        if known is not None:
            return (_completed(replace(batch, loss_fit=known), known),)
        seen = fit(*fitted)
        batch = replace(batch, loss_fit=seen)
        if self._ended or batch.output is not None:
            return (*self.end(), batch)
        if self._form is not None:
            if seen is not None and _kind(seen) != _kind(self._form):
                self._stop()
            return (batch,)
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

    def _of_numbers(self, batch: Batch) -> Sequence[Batch]:
        """Whether the loss is a squared error: its factor is then the same at each look, whatever the loss is."""
        found = squared(batch)
        if self._squared is not None:
            if found is None:
                return (batch,)
            if not agree(found, self._squared, batch):
                self._stop()
                return (batch,)
            return (_with_numbers(batch, found),)
        self._tries += 1
        if found is None or any(before is None or not agree(found, before, batch) for _, before in self._waiting):
            self.asks_loss = self._tries < TRIES_MAX
            return (*self.end(), batch)
        self._waiting.append((batch, found))
        looks = [(before, one) for before, one in self._waiting if one is not None]
        completed = [_with_numbers(before, one) for before, one in looks]
        if believed(looks, completed):
            self._squared, self._waiting = found, []
            return completed
        self.asks_loss = self._tries < TRIES_MAX
        return () if self.asks_loss else self.end()


def _with_numbers(batch: Batch, found: Squared) -> Batch:
    return with_numbers(batch, found.factor * batch.gradient_scale, found.reduction) or batch


def _kind(found: Fit) -> tuple[str, bool]:
    """A form and its sign."""
    return found.form, found.scale > 0


def _completed(batch: Batch, found: Fit) -> Batch:
    answer, gradient = _columns(batch.answer), _columns(batch.answer_gradient)
    return with_targets(replace(batch, answer=answer, answer_gradient=gradient), found) or batch


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
