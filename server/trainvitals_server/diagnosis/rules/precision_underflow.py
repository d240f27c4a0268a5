"""Precision underflow: updates are smaller than what the parameters' type can tell apart, and are lost."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.precision import coarse
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import over_weights

RULE = Rule(
    title="Precision underflow",
    shows="The share of weights that a step left exactly as they were though their gradient is not zero.",
    matters="bfloat16 tells numbers apart by one part in 256, float16 by one in 2048. A smaller update is rounded away "
    "each time, and no number of steps adds up to a change.",
    todo="Keep the weights in float32 and let autocast compute in bfloat16, or raise the learning rate.",
    source="Zamirai et al. 2020, Revisiting BFloat16 Training; Micikevicius et al. 2018, Mixed Precision Training",
    thresholds={
        "share": Threshold(0.5, "more than half of each update is lost (Zamirai et al. 2020, nearest rounding)"),
        "samples": Threshold(20, "the median of so many steps: a single one may be tiny"),
        "rate_left": Threshold(0.5, "a learning rate that was let down on purpose makes small updates on purpose"),
    },
    needs=("layers", "update_lost_fraction"),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, of weights of a coarse type, over the steps whose learning rate was at its height."""
    kind = coarse(signals)
    if kind is None:
        return
    lost, samples = _at_height(signals, thresholds), int(thresholds["samples"])
    if len(lost) < samples or float(np.median(lost.values[-samples:])) < thresholds["share"]:
        return
    first = int(lost.steps[int(np.argmax(lost.values >= thresholds["share"]))])
    value = float(np.median(lost.values[-samples:]))
    why = f"{value:.0%} of the updates are lost: they are smaller than {kind} can add to the weights"
    yield Finding(
        series=f"update_lost_fraction/{signals.network.weights[0].name}",
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold=f"below {thresholds['share']:.0%}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("precision_underflow", why, first),),
        remedy=f"Keep the weights in float32, and compute in {kind} with torch.autocast.",
        expect="Hardly any update is lost, and the loss falls faster.",
        by_definition=True,
    )


def _at_height(signals: Signals, thresholds: Thresholds) -> History:
    """The share of lost updates, where the learning rate was near its highest."""
    lost, rate = over_weights(signals, "update_lost_fraction"), signals.learning_rate.finite()
    if not len(rate):
        return lost
    lost, there = lost.beside(rate)
    high = there.values >= thresholds["rate_left"] * rate.values.max()
    return History(lost.steps[high], lost.values[high])
