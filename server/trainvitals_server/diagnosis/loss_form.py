"""Which loss a function computes, told by the gradient at the model's output, in the terms of a watched criterion."""

import math
from typing import Literal

from trainvitals_server.diagnosis.criterion import BINARY, CLASS_INDEX, Criterion
from trainvitals_server.diagnosis.feed import last_told, told
from trainvitals_server.diagnosis.signals import Signals

LIKELIHOOD = "NLLLoss"
TYPES = {
    "cross_entropy": "CrossEntropyLoss",
    "cross_entropy_of_softmax": "CrossEntropyLoss",
    "likelihood": LIKELIHOOD,
    "likelihood_of_softmax": LIKELIHOOD,
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "binary_cross_entropy_with_logits_of_sigmoid": "BCEWithLogitsLoss",
}
SQUASHED = {
    "cross_entropy_of_softmax": "softmax",
    "likelihood_of_softmax": "softmax",
    "binary_cross_entropy_with_logits_of_sigmoid": "sigmoid",
}
"""Forms in which something between the model and the loss does what the loss does itself, or lacks a logarithm."""


def reduction(signals: Signals) -> Literal["mean", "sum", "divided"] | None:
    """How the function goes over the samples, by the factor of its gradient; None where it is weighted or scaled.

    `divided` is a mean that is divided by the number of samples once more.
    """
    seen = function_fed(signals)
    scales = signals.history("gradient_scale").values
    if not seen:
        return None
    factor = abs(seen["scale"]) / (float(scales[0]) if len(scales) else 1.0)
    rows = math.prod(seen["output_shape"]) / (seen["outputs"] if seen["type"] not in BINARY else 1)
    exact = signals.thresholds["loss_reduction"]["exact"]
    if abs(factor * rows - 1) < exact:
        return "mean"
    if abs(factor * rows * seen["output_shape"][0] - 1) < exact:
        return "divided"
    return "sum" if abs(factor - 1) < exact else None


def chance_of_form(signals: Signals) -> float | None:
    """ln C of a function that goes over C classes, where its gradient tells that it is one; None elsewhere."""
    seen = function_fed(signals)
    classes = int(seen.get("outputs", 0)) if seen.get("type") in CLASS_INDEX else 0
    return math.log(classes) if classes > 1 and reduction(signals) == "mean" else None


def function_fed(signals: Signals) -> Criterion:
    """Type and ranges as of a watched criterion, `scale` and `squashed` beside them; empty where no form was told.

    Where two were told neither is known: a batch got right but for a sample or two fits several.
    """
    last = last_told(signals, "loss_gradient")
    form = str(last.get("form"))
    if form not in TYPES or _forms(signals) != {form}:
        return {}
    step = next(fact["step"] for fact in reversed(signals.facts("loss_gradient")) if not fact.get("owner"))
    return {**last, "type": TYPES[form], "squashed": SQUASHED.get(form, ""), "step": step}


def confirmed(signals: Signals) -> bool:
    """Whether a second batch told the same form."""
    return len(told(signals, "loss_gradient")) > 1


def _forms(signals: Signals) -> set[str]:
    return {str(seen.get("form")) for seen in told(signals, "loss_gradient")}
