"""Loss is summed, or divided by the batch twice, and the learning rate was made for a mean."""

import math
from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis import loss_form
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_series import scale_of
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import CRITERION_LOSS_KEY

RULE = Rule(
    title="Loss is summed, not averaged",
    shows="The criterion's `reduction`, or a first loss that is the batch size times that of chance, beside updates "
    "that are too large; or a loss that is a mean divided by the batch size once more, beside updates that are small "
    "and a loss that hardly falls.",
    matters="The gradient is as many times larger, or smaller, as the batch has samples, and so is each step of SGD.",
    todo='Use `reduction="mean"` and divide by nothing, or make the learning rate fit the batch size.',
    source='PyTorch documentation of the losses (reduction="sum"); Goyal et al. 2017, Accurate, Large Minibatch SGD',
    thresholds={
        "batch": Threshold(8, "a sum over fewer samples is within the range of learning rates that work"),
        "exact": Threshold(0.01, "a gradient's factor of exactly 1 is a sum's; rounding moves it by less"),
        "untrained_low": Threshold(0.9, "a first loss below this share of batch times ln C is no sum"),
        "untrained_high": Threshold(1.3, "nor above it: the default initialisation starts near ln C"),
        "far": Threshold(0.25, "as left of degradation_with_depth: what learns so far learns well"),
        "loss_left": Threshold(0.8, "as loss_left of learning_rate: a loss that has hardly come down"),
    },
    needs=("loss", "update_ratio"),
)
SCALE_FREE = ("Ada", "RMSprop", "Rprop", "Lion", "LAMB")


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, where the factor of the loss is what makes the updates too large, or too small."""
    batch = _batch_size(signals)
    # Adam divides by the gradient's own scale.
    if batch < thresholds["batch"] or _scale_free(signals):
        return
    if signals.once(Rate).side == "high":
        yield from _too_large(signals, batch, thresholds)
    else:
        yield from _too_small(signals, batch, thresholds)


def _too_large(signals: Signals, batch: int, thresholds: Thresholds) -> Iterator[Finding]:
    if not (summed := _summed(signals, batch, thresholds)):
        return
    rate, certain = signals.once(Rate), signals.loss.harm is None and _rewrites(signals, thresholds)
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
        worst="warning" if certain else "critical",
        by_definition=certain,
        blocking=True,
    )


def _rewrites(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the first updates replaced a good part of the weights, and they are too large to this day.

    Then what is learned all the same is far less than a mean would learn, whether the loss falls or swings.
    """
    rate, left = signals.once(Rate), signals.loss.share_left
    far = left is not None and left >= thresholds["far"]
    return not signals.warming_up and rate.jolted and far and rate.late > rate.thresholds["high"]


def _too_small(signals: Signals, batch: int, thresholds: Thresholds) -> Iterator[Finding]:
    """The factor says what is wrong whatever the loss does; small updates and the loss, that it harms."""
    rate, loss = signals.once(Rate), signals.loss
    if loss.warming_up or loss.share_left is None or not len(rate.ratio):
        return
    if (
        rate.late_fastest >= signals.thresholds["updates"]["fitting_ratio"]
        or loss.share_left <= thresholds["loss_left"]
    ):
        return
    if not (divided := _divided(signals, batch, thresholds)):
        return
    why = f"{divided}, and updates are only {rate.late_fastest:.2g} of the weights"
    yield Finding(
        series=loss.key,
        first_step=0,
        last_step=signals.step,
        value=rate.late_fastest,
        threshold="a mean over the batch",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("loss_reduction", why, 0),),
        remedy=f"Do not divide the loss by the batch size ({batch}): it is a mean over the batch already.",
        expect="The loss begins to fall within about 100 steps.",
        worst="warning",
        by_definition=True,
        aspect="divided",
    )


def _divided(signals: Signals, batch: int, thresholds: Thresholds) -> str:
    """What says that a mean over the batch is divided by the batch once more; nothing where it is not, or not known."""
    passes = signals.history("backward_passes").values
    # Accumulated over several passes, what is divided by their number is a mean again.
    if len(passes) and float(np.median(passes)) > 1:
        return ""
    if loss_form.reduction(signals) == "divided":
        return f"the gradient at the output is that of a mean, divided by the batch of {batch} once more"
    factor = scale_of(signals.logged_loss, signals.history(CRITERION_LOSS_KEY))
    if signals.criterion.get("reduction") != "mean" or factor is None:
        return ""
    if abs(factor * batch - 1) > thresholds["exact"]:
        return ""
    return f"the loss is the mean of {signals.criterion['type']}, divided by the batch of {batch} once more"


def _batch_size(signals: Signals) -> int:
    shape = signals.criterion.get("output_shape")
    if shape:
        return int(shape[0])
    return max((int(fact.get("details", {}).get("size") or 0) for fact in signals.facts("batch")[:8]), default=0)


def _summed(signals: Signals, batch: int, thresholds: Thresholds) -> str:
    """What says that the loss is a sum; nothing where it is not, or not known."""
    if signals.criterion and not signals.criterion.get("read_from"):
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
