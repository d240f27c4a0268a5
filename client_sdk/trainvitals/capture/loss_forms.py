"""Which loss a gradient comes from: each has a form of its own, whatever code computed it.

With scores z and the right class y, cross-entropy sends back softmax(z) - onehot(y) (Bridle 1990), a likelihood that
takes z for logarithms -onehot(y), one that takes their logarithm -onehot(y) / z_y, and so on: all but one factor is
known, and y is where a gradient is least. Each row must fit by itself: one that was got wrong can be a hundred times
as large as all others together, and any form fits one row.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Fit, Floats

TOLERANCE = {"float16": 2e-2, "bfloat16": 5e-2}
TOLERANCE_SINGLE = 1e-5
"""Share of its own size that a form may leave over of a row: a hundred roundings, of which an exp leaves some ten."""
HEARD = 1e-2
"""Share of the largest row below which one says nothing: what is left of 1 - p is then mostly rounding."""
CLEARLY = 10.0
"""By so much the second-best form must fit worse: of outputs that hardly vary several fit."""
ROWS_MIN = 4
ROWS_SUM_TOLERANCE = 1e-3
Form = Callable[[Floats, Floats], Floats]


def softmax(scores: Floats) -> Floats:
    """Of each row."""
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found


def sigmoid(scores: Floats) -> Floats:
    """Of each element."""
    found: Floats = 0.5 * (1 + np.tanh(0.5 * scores))
    return found


def _through_softmax(share: Floats, gradient: Floats) -> Floats:
    found: Floats = share * (gradient - (share * gradient).sum(axis=1, keepdims=True))
    return found


def _share(values: Floats) -> Floats:
    """Where there is one below 0 nothing fits: they have no logarithm."""
    return np.maximum(values, 1e-12) if (values >= 0).all() else np.full_like(values, np.nan)


OF_CLASSES: dict[str, Form] = {
    "cross_entropy": lambda z, y: softmax(z) - y,
    "cross_entropy_of_softmax": lambda z, y: _through_softmax(softmax(z), softmax(softmax(z)) - y),
    "likelihood": lambda z, y: -y,
    "likelihood_of_softmax": lambda z, y: _through_softmax(softmax(z), -y),
    "likelihood_of_logarithm": lambda z, y: -y / _share(z),
    "squared_error": lambda z, y: z - y,
}
"""Of one right class a row."""
USUAL = ("cross_entropy", "squared_error", "binary_cross_entropy", "binary_cross_entropy_with_logits")
"""All others are told of batches alone in which targets differ: of one target any slow curve fits. Logarithms of
probabilities, of which one and always the same is raised, are a likelihood all the same: batches of one class."""
OF_TRUTHS: dict[str, Form] = {
    "binary_cross_entropy_with_logits": lambda z, y: sigmoid(z) - y,
    "binary_cross_entropy_with_logits_of_sigmoid": lambda z, y: (
        (sigmoid(sigmoid(z)) - y) * sigmoid(z) * (1 - sigmoid(z))
    ),
    "binary_cross_entropy": lambda z, y: (z - y) / (_share(z) * _share(1 - z)),
    "squared_error": lambda z, y: z - y,
    "level": lambda z, y: 1.0 - 2.0 * y,
}
"""Of 0 or 1 for each element. A level gradient, as of a critic's mean, fits with either sign: it is told to be none."""


def fit(scores: Floats, gradient: Floats, dtype: str) -> Fit | None:
    """The one form that a gradient has [rows, classes]; None where none fits, or several do."""
    scores, gradient = _told(scores, gradient)
    if len(scores) < ROWS_MIN:
        return None
    fits = [_fit(name, form, scores, sign * gradient, sign) for sign in (1.0, -1.0) for name, form in _forms(scores)]
    best, second, *_ = sorted(fits, key=lambda found: found.error)
    clear = second.error > CLEARLY * best.error and (best.form in USUAL or _differ(gradient) or _certain(best, scores))
    return best if clear and best.error < TOLERANCE.get(dtype, TOLERANCE_SINGLE) else None


def fit_as(known: Fit, scores: Floats, gradient: Floats, dtype: str) -> Fit | None:
    """The form and the sign that are known already, where a gradient has them."""
    scores, gradient = _told(scores, gradient)
    if len(scores) < ROWS_MIN:
        return None
    sign = 1.0 if known.scale > 0 else -1.0
    fits = [_fit(name, form, scores, sign * gradient, sign) for name, form in _forms(scores) if name == known.form]
    best = min(fits, key=lambda found: found.error, default=None)
    return best if best is not None and best.error < TOLERANCE.get(dtype, TOLERANCE_SINGLE) else None


def _told(scores: Floats, gradient: Floats) -> tuple[Floats, Floats]:
    """The rows that are finite, and not lost in rounding."""
    told = np.isfinite(gradient).all(axis=1) & np.isfinite(scores).all(axis=1) & _heard(gradient)
    return scores[told], gradient[told]


def _heard(gradient: Floats) -> NDArray[np.bool_]:
    """Which rows are not lost in the rounding of the largest."""
    sizes = np.linalg.norm(np.nan_to_num(gradient), axis=1)
    heard: NDArray[np.bool_] = (sizes > 0) & (sizes >= HEARD * sizes.max(initial=0.0))
    return heard


def _differ(gradient: Floats) -> bool:
    """Whether the rows have not all the same target."""
    along = gradient.argmin(axis=1) if gradient.shape[1] > 1 else gradient[:, 0] < 0
    return bool((along != along[0]).any())


def _certain(found: Fit, scores: Floats) -> bool:
    return found.form == "likelihood" and are_logarithms_of_shares(scores)


def are_logarithms_of_shares(scores: Floats) -> bool:
    """Whether each row holds the logarithms of probabilities, which add up to 1."""
    with np.errstate(over="ignore"):
        return bool((np.abs(np.exp(scores).sum(axis=1) - 1) < ROWS_SUM_TOLERANCE).all())


def _forms(scores: Floats) -> list[tuple[str, Form]]:
    several = scores.shape[1] > 1
    return [*(OF_CLASSES.items() if several else ()), *OF_TRUTHS.items()]


def _fit(name: str, form: Form, scores: Floats, gradient: Floats, sign: float) -> Fit:
    with np.errstate(over="ignore", invalid="ignore"):
        if OF_CLASSES.get(name) is form:
            right = np.zeros_like(gradient)
            right[np.arange(len(gradient)), gradient.argmin(axis=1)] = 1.0
        else:
            right = (gradient < 0).astype(np.float64)
        sizes = np.linalg.norm(gradient, axis=1, keepdims=True)
        expected, seen = form(scores, right) / sizes, gradient / sizes
        scale = float((expected * seen).sum() / np.maximum(np.square(expected).sum(), 1e-300))
        left = float(np.linalg.norm(seen - scale * expected) / np.sqrt(len(seen)))
    return Fit(name, sign * scale, left if scale > 0 and np.isfinite(left) else np.inf)
