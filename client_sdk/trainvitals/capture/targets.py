"""The targets of a loss that is a function, read from the gradient that it sends back to the model's output.

Once the form of a loss is known (`loss_forms`) so are its targets: of classes the one place of a row where the gradient
is least, of truths its sign, of numbers t = z - g / 2c under a squared error of c times the sum of squares. Each row
must fit by itself. A row without a gradient was left out of the loss, or is lost in rounding because it is got right
beyond doubt: which of the two is told by what its gradient would have been.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Batch, Fit, Floats, Part
from trainvitals.capture.loss_forms import (
    OF_CLASSES,
    OF_TRUTHS,
    ROWS_MIN,
    ROWS_SUM_TOLERANCE,
    TOLERANCE,
    TOLERANCE_SINGLE,
    Form,
    are_logarithms_of_shares,
    sigmoid,
    softmax,
)

GRADIENT = "gradient"
"""Where facts of targets that were read in this way say that they were read from."""
IGNORED = -100
"""The label of rows that were left out, as torch's losses have it."""
LOST_MAX = 0.05
"""Share of rows lost in rounding, beyond which the others stand for no batch: those lost are the ones got right."""
SURE = {"float16": 1e-3, "bfloat16": 1e-3}
SURE_SINGLE = 1e-6
"""A gradient that would have been larger than this times its factor is not lost in rounding."""
REDUCTION_EXACT = 0.01
"""How near the factor must be; of rows that were sampled the share left out is not exact, and then nothing is said."""
Fed = Callable[[Floats], Floats]
CLASSES: dict[str, tuple[str, Fed]] = {
    "cross_entropy": ("CrossEntropyLoss", lambda z: z),
    "cross_entropy_of_softmax": ("CrossEntropyLoss", softmax),
    "likelihood": ("NLLLoss", lambda z: z),
    "likelihood_of_logarithm": ("NLLLoss", lambda z: np.log(np.maximum(z, 1e-300))),
}
"""The loss of torch, and what it is fed. Of a likelihood of a softmax it is not known: 1 - p is a loss as well."""
TRUTHS: dict[str, tuple[str, Fed]] = {
    "binary_cross_entropy": ("BCELoss", lambda z: z),
    "binary_cross_entropy_with_logits": ("BCEWithLogitsLoss", lambda z: z),
    "binary_cross_entropy_with_logits_of_sigmoid": ("BCEWithLogitsLoss", sigmoid),
}


def with_targets(batch: Batch, found: Fit) -> Batch | None:
    """The batch as if its criterion had been watched; None where a row does not fit, or too many are lost."""
    answer, gradient = batch.answer, batch.answer_gradient
    if answer is None or gradient is None or not (answer.finite and gradient.finite):
        return None
    scores, sent = answer.values.astype(np.float64), gradient.values.astype(np.float64) / found.scale
    rounding = TOLERANCE.get(gradient.dtype, TOLERANCE_SINGLE), SURE.get(gradient.dtype, SURE_SINGLE)
    if found.form in CLASSES and answer.width > 1:
        return _of_classes(batch, answer, scores, sent, found, *rounding)
    if found.form in TRUTHS:
        return _of_truths(batch, answer, scores, sent, found, *rounding)
    return None


def _of_classes(
    batch: Batch, answer: Part, scores: Floats, sent: Floats, found: Fit, tolerance: float, sure: float
) -> Batch | None:
    if found.form.startswith("likelihood") and not _are_distributions(found.form, scores):
        return None
    silent: NDArray[np.bool_] = np.asarray(~sent.any(axis=1))
    labels = sent.argmin(axis=1)
    right = np.zeros_like(scores)
    right[np.arange(len(scores)), labels] = 1.0
    if not _fits(OF_CLASSES[found.form], scores, right, sent, tolerance, ~silent):
        return None
    # Of a row that is got right beyond doubt nothing is left either: it may have had its label, or none.
    best = np.eye(scores.shape[1])[scores.argmax(axis=1)]
    lost = silent & (np.abs(OF_CLASSES[found.form](scores, best)).max(axis=1) < sure)
    labels[silent] = IGNORED
    kept = ~lost
    # One row a sample: those left out may be those that a reward, or a threshold, did not choose.
    if (silent & kept).any() and len(answer.shape) == 2 and _one_a_sample(batch, answer):
        return None
    if lost.mean() > LOST_MAX or (labels[kept] != IGNORED).sum() < ROWS_MIN:
        return None
    criterion, fed = CLASSES[found.form]
    rows = int(np.prod(answer.shape)) // answer.width
    images = len(answer.shape) == 4
    shape = answer.shape if images else (rows, answer.width)
    told = (rows,) if not images else (answer.shape[0], *answer.shape[2:])
    names = Part(labels[kept].reshape(1, -1), told, "int64", rows)
    output = Part(fed(scores[kept]), shape, answer.dtype, answer.width)
    settings = {"reduction": _reduction(batch, found, _counted(rows, labels)), "ignore_index": IGNORED}
    value = _value_of_classes(output.values, labels[kept], criterion)
    return _completed(batch, criterion, settings, output, names, value, labels=names)


def _of_truths(
    batch: Batch, answer: Part, scores: Floats, sent: Floats, found: Fit, tolerance: float, sure: float
) -> Batch | None:
    form, silent = OF_TRUTHS[found.form], sent == 0
    truths = (sent < 0).astype(np.float64)
    if not _fits(form, scores, truths, sent, tolerance, ~silent):
        return None
    least = np.minimum(np.abs(form(scores, np.ones_like(scores))), np.abs(form(scores, np.zeros_like(scores))))
    lost = (silent & (least < sure)).any(axis=1)
    left_out = (silent & (least >= sure)).any(axis=1)
    if (left_out & ~silent.all(axis=1)).any():
        return None
    kept = ~(lost | left_out)
    if lost.mean() > LOST_MAX or kept.sum() < ROWS_MIN:
        return None
    criterion, fed = TRUTHS[found.form]
    output = Part(fed(scores[kept]), answer.shape, answer.dtype, answer.width)
    target = Part(truths[kept], answer.shape, answer.dtype, answer.width)
    settings = {"reduction": _reduction(batch, found, float(np.prod(answer.shape)) * (1 - left_out.mean()))}
    value = _value_of_truths(output.values, target.values, criterion)
    return _completed(batch, criterion, settings, output, target, value)


def with_numbers(batch: Batch, factor: float, reduction: str | None) -> Batch | None:
    """The batch under a squared error of `factor` times the sum of squares; None where some elements are left out."""
    answer, gradient = batch.answer, batch.answer_gradient
    if answer is None or gradient is None or not (answer.finite and gradient.finite):
        return None
    sent = gradient.values.astype(np.float64)
    if (sent == 0).mean() > 0.5 / sent.size or _cut(sent, answer.shape):
        return None
    rows = (answer.shape[0], -1) if len(answer.shape) > 1 else (-1, 1)
    away = (sent / (2 * factor)).reshape(rows)
    values = answer.values.astype(np.float64).reshape(rows)
    output = Part(values, answer.shape, answer.dtype, values.shape[1])
    target = Part(values - away, answer.shape, answer.dtype, values.shape[1])
    return _completed(batch, "MSELoss", {"reduction": reduction}, output, target, float(np.square(away).mean()))


def _cut(sent: Floats, shape: tuple[int, ...]) -> bool:
    """Whether several gradients are equally the greatest, as those of a Huber loss far from its targets."""
    sizes = np.abs(sent).ravel()
    return bool((sizes >= sizes.max() * (1 - 1e-6)).sum() > 1)


def _completed(
    batch: Batch, criterion: str, settings: Any, output: Part, target: Part, value: float, **more: Any
) -> Batch:
    told = {name: held for name, held in settings.items() if held is not None}
    return replace(
        batch, criterion=criterion, settings=told, output=output, target=target, value=value, read_from=GRADIENT, **more
    )


def _fits(form: Form, scores: Floats, right: Floats, sent: Floats, tolerance: float, heard: NDArray[np.bool_]) -> bool:
    """Whether each element that has a gradient has that of the form; small rows as well, which `fit` leaves out."""
    expected = form(scores, right)
    with np.errstate(invalid="ignore"):
        near = np.abs(sent - expected) <= 10 * tolerance * np.maximum(1.0, np.abs(expected))
    return bool(near[heard].all())


def _are_distributions(form: str, scores: Floats) -> bool:
    """Whether the rows are probabilities, or logarithms of such: errors of one size look like a likelihood too."""
    if form == "likelihood_of_logarithm":
        return bool((np.abs(scores.sum(axis=1) - 1) < ROWS_SUM_TOLERANCE).all())
    return are_logarithms_of_shares(scores)


def _one_a_sample(batch: Batch, answer: Part) -> bool:
    return batch.input is None or batch.input.shape[:1] == answer.shape[:1]


def _counted(rows: int, labels: NDArray[np.int64]) -> float:
    """How many rows of the whole batch count in a mean."""
    return rows * float((labels != IGNORED).mean())


def _reduction(batch: Batch, found: Fit, count: float) -> str | None:
    """`mean` or `sum`, by the factor before the gradient; None where it is neither, or counts in part."""
    factor = abs(found.scale) / batch.gradient_scale
    if abs(factor * count - 1) < REDUCTION_EXACT:
        return "mean"
    return "sum" if abs(factor - 1) < REDUCTION_EXACT else None


def _value_of_classes(fed: Floats, labels: NDArray[np.int64], criterion: str) -> float:
    """Of the loss itself, in the mean over the rows that count."""
    counts = labels != IGNORED
    fed, labels = fed[counts], labels[counts]
    if criterion == "CrossEntropyLoss":
        away = fed - fed.max(axis=1, keepdims=True)
        fed = away - np.log(np.exp(away).sum(axis=1, keepdims=True))
    return float(-fed[np.arange(len(fed)), labels].mean())


def _value_of_truths(fed: Floats, truths: Floats, criterion: str) -> float:
    if criterion == "BCEWithLogitsLoss":
        return float((np.logaddexp(0.0, fed) - truths * fed).mean())
    with np.errstate(divide="ignore"):
        one, other = np.maximum(np.log(fed), -100.0), np.maximum(np.log(1 - fed), -100.0)
    return float(-(truths * one + (1 - truths) * other).mean())
