"""Learning-rate schedule: decays before anything is learned, or stays where a plateau asks for less."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.window import trend

RULE = Rule(
    title="Learning-rate schedule",
    shows="The learning rate over the run beside the loss.",
    matters="A rate that is gone before the loss has fallen ends the training early; one that never falls keeps the "
    "loss jumping about a level that smaller steps would go below.",
    todo="Step a schedule that counts epochs once an epoch; on a plateau divide the learning rate.",
    source="Bengio 2012, Practical recommendations, section 3.1.1; PyTorch, How to adjust learning rate",
    thresholds={
        "gone": Threshold(0.01, "a hundredth of its height is the tail of usual schedules"),
        "going": Threshold(0.25, "steps divide by 5 to 10 at once (He et al. 2016): behind one a loss is slow by it"),
        "tail": Threshold(1.0, "usual schedules end soon after; this one has had as many steps without as with a rate"),
        "steps": Threshold(50, "steps without a learning rate before that is said"),
        "plateau_steps": Threshold(500, "shorter runs have no need of a schedule"),
        "learned_all": Threshold(0.02, "so little is left that smaller steps gain nothing"),
        "learned": Threshold(0.8, "below this share of its start a loss has come down, and may gain by smaller steps"),
    },
    needs=("learning_rate", "loss"),
    after_warm_up=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding."""
    rate = signals.learning_rate.finite()
    if len(rate) < 2 or rate.values.max() <= 0:
        return
    height = float(rate.values.max())
    gone = rate.values <= thresholds["gone"] * height
    if gone[-1]:
        begin = int(np.flatnonzero(~gone)[-1]) + 1
        lived, since = int(rate.steps[begin] - rate.steps[0]), int(rate.steps[-1] - rate.steps[begin])
        high = int(np.flatnonzero(rate.values > thresholds["going"] * height)[-1])
        # Steps that shrink slow the loss down before they are gone.
        fell = _fell_until(signals, int(rate.steps[begin])) or _fell_until(signals, int(rate.steps[high]))
        if since >= max(thresholds["steps"], thresholds["tail"] * lived) and fell:
            yield _gone(signals, int(rate.steps[begin]), float(rate.values[-1]), height)
    elif float(rate.values.min()) == height and _plateau(signals, thresholds):
        yield _constant(signals, height, thresholds)


def _plateau(signals: Signals, thresholds: Thresholds) -> bool:
    left = signals.loss.share_left
    if signals.step < thresholds["plateau_steps"] or left is None or signals.loss.falling:
        return False
    return thresholds["learned_all"] < left < thresholds["learned"]


def _fell_until(signals: Signals, step: int) -> bool:
    """Whether the loss still fell until then: one that had stopped before the rate went lost nothing by it.

    In the warm-up none has had the time to stop.
    """
    if step < signals.warm_up_steps:
        return True
    windows, before = signals.thresholds["windows"], signals.loss.finite.between(0, step)
    late = before.last(len(before) // 2)
    return len(late) < windows["points_min"] or trend(late) < -windows["significance"]


def _gone(signals: Signals, first: int, value: float, height: float) -> Finding:
    why = f"the learning rate fell from {height:.3g} to below a hundredth of it by step {first}, and is {value:.2g} now"
    return Finding(
        series="learning_rate",
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold="a rate that lasts as long as the loss falls",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("learning_rate_too_low", why, first),),
        remedy="Let the schedule decay more slowly: step it once an epoch, not once a batch, if it counts epochs.",
        expect="The loss falls on after the step at which it stopped.",
        blocking=True,
        aspect="gone",
    )


def _constant(signals: Signals, height: float, thresholds: Thresholds) -> Finding:
    why = f"the learning rate is {height:.3g} all along, and the loss has stopped falling"
    windows = signals.loss.windows
    first = windows[0].first_step if windows else 0
    return Finding(
        series="learning_rate",
        first_step=first,
        last_step=signals.step,
        value=height,
        threshold="smaller steps on a plateau",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(),
        remedy="Divide the learning rate by 1.5 to 10 on a plateau (ReduceLROnPlateau), or let it decay by a cosine.",
        expect="The loss falls a little more, and jumps less.",
        worst="note",
        aspect="constant",
    )
