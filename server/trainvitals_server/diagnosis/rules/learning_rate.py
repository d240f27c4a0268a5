"""Learning rate too high or too low, told by what the updates and the loss do."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio, rate_advice, rolling_median

RULE = Rule(
    title="Learning rate too high or too low",
    shows="The update ratio of the whole network beside the loss: large updates and a loss that rises, or tiny "
    "updates and a loss that stays.",
    matters="Too high a rate throws the weights about: activations explode, units die, values overflow. Too low a rate "
    "wastes the run.",
    todo="Change the learning rate by the factor named, which brings the update ratio to about 1e-3.",
    source="Karpathy, CS231n (update ratio 1e-3); Bengio 2012, Practical recommendations, section 3.1",
    thresholds={"high": 1e-2, "very_high": 0.03, "low": 1e-4, "loss_rise": 1.5, "loss_left": 0.8, "samples": 5},
    needs=("update_ratio", "loss"),
)
RISE_STEPS = 50
"""A loss that rises within so many steps of the large updates rises because of them."""
JOLT_RATIO = 0.3
SETTLED_STEP = 15


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: the learning rate is judged by its effects, never by its value."""
    ratio = network_ratio(signals)
    if not len(ratio) or signals.loss.start is None:
        return
    smooth = rolling_median(ratio, int(thresholds["samples"]))
    if _too_high(signals, ratio, smooth, thresholds):
        yield _high(signals, ratio, thresholds)
        return
    # Where only some layers stand still it is not the rate: the layer that moves most decides.
    fastest = rolling_median(network_ratio(signals, 1.0), int(thresholds["samples"]))
    if _too_low(signals, fastest, thresholds):
        yield _low(signals, fastest, thresholds)


def _too_high(signals: Signals, ratio: History, smooth: History, thresholds: Thresholds) -> bool:
    """Whether updates are so large that they explain a loss that rises, or need no such sign."""
    largest = float(smooth.values.max())
    # One update that replaces the weights is enough to ruin them, however calm the rest.
    jolted = float(ratio.values[:20].max()) > JOLT_RATIO
    if largest <= thresholds["high"] and not jolted:
        return False
    # Adam's first steps are large by design, and tell nothing without a loss that rises.
    settled = smooth.between(SETTLED_STEP, signals.step).values
    very_high = len(settled) > 0 and settled.max() > thresholds["very_high"]
    return jolted or very_high or _loss_rise(signals, ratio, thresholds) >= thresholds["loss_rise"]


def _loss_rise(signals: Signals, ratio: History, thresholds: Thresholds) -> float:
    """The highest loss soon after the large updates, as a multiple of what an untrained network scores.

    A single outlier is no rise: the third highest value counts; what is not finite is infinitely high.
    """
    reference = signals.loss.reference
    if not reference or reference < 0:
        return 0.0
    first = _onset(ratio, thresholds)
    after = signals.loss.history.between(first + 1, first + RISE_STEPS).values
    highest = np.sort(np.where(np.isfinite(after), after, np.inf))[-3:]
    return float(highest[0]) / reference if len(highest) == 3 else 0.0


def _onset(ratio: History, thresholds: Thresholds) -> int:
    return int(ratio.steps[int(np.argmax(ratio.values > thresholds["high"]))])


def _high(signals: Signals, ratio: History, thresholds: Thresholds) -> Finding:
    first = _onset(ratio, thresholds)
    # What follows the first wild steps is the blow-up itself and says nothing of the rate that began it.
    size = float(np.median(ratio.between(first, signals.step).values[:5]))
    rise = _loss_rise(signals, ratio, thresholds)
    then = f"the loss rose to {rise:.3g} times its start" if np.isfinite(rise) else "the loss stopped being finite"
    why = f"updates were {size:.2g} of the weights from step {first} on"
    if rise >= thresholds["loss_rise"]:
        why = f"{why}, and {then}"
    return Finding(
        series="learning_rate" if len(signals.learning_rate) else None,
        first_step=first,
        last_step=signals.step,
        value=size,
        threshold=f"update ratio below {thresholds['high']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("learning_rate_too_high", why, first),),
        remedy=rate_advice(signals, size),
        expect="The loss falls from the first steps, and the update ratio stays near 1e-3.",
        worst="critical",
        aspect="high",
    )


def _too_low(signals: Signals, smooth: History, thresholds: Thresholds) -> bool:
    if signals.warming_up or signals.loss.falling:
        return False
    late = float(np.median(smooth.values[-20:]))
    left = signals.loss.share_left
    return 0 < late < thresholds["low"] and left is not None and left > thresholds["loss_left"]


def _low(signals: Signals, smooth: History, thresholds: Thresholds) -> Finding:
    value = float(np.median(smooth.values[-20:]))
    first = int(smooth.steps[int(np.argmax(smooth.values < thresholds["low"]))])
    return Finding(
        series="learning_rate" if len(signals.learning_rate) else None,
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold=f"update ratio above {thresholds['low']:g}",
        summary=f"Updates are only {value:.2g} of the weights, and the loss does not move",
        causes=(Cause("learning_rate_too_low", f"updates are {value:.2g} of the weights in every layer", first),),
        remedy=rate_advice(signals, value),
        expect="The loss begins to fall within about 100 steps.",
        aspect="low",
        worst="warning",
    )
