"""Loss is summed, not averaged: the gradient grows with the batch, the learning rate was made for a mean."""

import math
from collections.abc import Iterator

from trainvitals_server.diagnosis import loss_form
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Loss is summed, not averaged",
    shows="The criterion's `reduction`, or a first loss that is the batch size times that of chance, beside updates "
    "that are too large.",
    matters="The gradient is as many times larger as the batch has samples, and so is each step of SGD.",
    todo='Use `reduction="mean"`, or divide the learning rate by the batch size.',
    source='PyTorch documentation of the losses (reduction="sum"); Goyal et al. 2017, Accurate, Large Minibatch SGD',
    thresholds={
        "batch": Threshold(8, "a sum over fewer samples is within the range of learning rates that work"),
        "exact": Threshold(0.01, "a gradient's factor of exactly 1 is a sum's; rounding moves it by less"),
        "untrained_low": Threshold(0.9, "a first loss below this share of batch times ln C is no sum"),
        "untrained_high": Threshold(1.3, "nor above it: the default initialisation starts near ln C"),
    },
    needs=("loss", "update_ratio"),
)
SCALE_FREE = ("Ada", "RMSprop", "Rprop", "Lion", "LAMB")


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, where the summed loss is what makes the updates too large."""
    batch = _batch_size(signals)
    if batch < thresholds["batch"] or not (summed := _summed(signals, batch, thresholds)):
        return
    rate = signals.once(Rate)
    # Adam divides by the gradient's own scale.
    if rate.side != "high" or _scale_free(signals):
        return
    why = f"{summed}, and updates were {rate.size:.2g} of the weights from step {rate.onset} on"
    yield Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=signals.loss.start,
        threshold="a mean over the batch",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("loss_reduction", why, 0),),
        remedy=f'Use reduction="mean", or divide the learning rate by the batch size ({batch}).',
        expect="The first loss is that of one sample, and the update ratio is near 1e-3.",
        worst="critical",
        blocking=True,
    )


def _batch_size(signals: Signals) -> int:
    shape = signals.criterion.get("output_shape")
    if shape:
        return int(shape[0])
    return max((int(fact.get("details", {}).get("size") or 0) for fact in signals.facts("batch")[:8]), default=0)


def _summed(signals: Signals, batch: int, thresholds: Thresholds) -> str:
    """What says that the loss is a sum; nothing where it is not, or not known."""
    if signals.criterion:
        kind, reduction = signals.criterion.get("type"), signals.criterion.get("reduction")
        return f'{kind} has reduction="sum" over {batch} samples' if reduction == "sum" else ""
    if loss_form.reduction(signals) == "sum":
        return f"the gradient at the output is that of a loss summed over {batch} samples"
    layers, start = signals.network.layers, signals.loss.start
    shape = layers[-1]["output_shape"] if layers else None
    if start is None or not shape or shape[-1] < 2 or batch <= 0:
        return ""
    share = start / (batch * math.log(shape[-1]))
    if not thresholds["untrained_low"] <= share <= thresholds["untrained_high"]:
        return ""
    return f"the first loss, {start:.3g}, is {batch} times that of chance among {shape[-1]} classes"


def _scale_free(signals: Signals) -> bool:
    """Whether the optimizer's steps do not depend on the loss's scale."""
    return any(any(name in str(fact.get("type")) for name in SCALE_FREE) for fact in signals.facts("optimizer"))
