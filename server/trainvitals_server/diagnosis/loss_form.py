"""Which loss a function computes, told by the gradient at the model's output, in the terms of a watched criterion."""

from trainvitals_server.diagnosis.criterion import Criterion
from trainvitals_server.diagnosis.feed import last_told
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


def function_fed(signals: Signals) -> Criterion:
    """Type and ranges as of a watched criterion, `scale` and `squashed` beside them; empty where no form was told."""
    told = last_told(signals, "loss_gradient")
    form = str(told.get("form"))
    if form not in TYPES:
        return {}
    step = next(fact["step"] for fact in reversed(signals.facts("loss_gradient")) if not fact.get("owner"))
    return {**told, "type": TYPES[form], "squashed": SQUASHED.get(form, ""), "step": step}
