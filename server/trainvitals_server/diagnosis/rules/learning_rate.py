"""Learning rate too high or too low, told by what the updates and the loss do."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import rate_advice

RULE = Rule(
    title="Learning rate too high or too low",
    shows="The update ratio of the whole network beside the loss: large updates and a loss that rises or a layer's "
    "output that grows tenfold, a first update that replaces a good part of the weights, or tiny updates and a loss "
    "that stays or crawls.",
    matters="Too high a rate throws the weights about: activations explode, units die, values overflow. Too low a rate "
    "wastes the run.",
    todo="Change the learning rate by the factor named, which brings the update ratio to about 1e-3.",
    source="Karpathy, CS231n (update ratio 1e-3); Bengio 2012, Practical recommendations, section 3.1",
    thresholds={
        "high": Threshold(1e-2, "ten times the ratio that is about right (Karpathy, CS231n)"),
        "very_high": Threshold(0.03, "updates that rewrite a weight within some thirty steps"),
        "low": Threshold(1e-4, "a tenth of the ratio that is about right (Karpathy, CS231n)"),
        "loss_rise": Threshold(1.5, "a loss this many times its start rose beyond the noise of batches"),
        "loss_left": Threshold(0.8, "above this share of its start the loss has hardly come down"),
        "samples": Threshold(5, "median over so many samples, without single leaps"),
        "late_samples": Threshold(20, "last samples whose median is taken for the present ratio"),
        "rise_steps": Threshold(50, "a loss that rises so soon after large updates rises because of them"),
        "rise_points": Threshold(5, "at least so many points of a loss that is logged now and then"),
        "jolt_ratio": Threshold(0.3, "one update that replaces a third of the weights is enough to ruin them"),
        "destroyed": Threshold(1e3, "an update a thousand times the weights: nothing is left of how they started"),
        "thrown_apart": Threshold(100.0, "a layer's output two orders of magnitude out of the band it started in"),
        "travelled": Threshold(1e-3, "all steps together change the weights by less than a thousandth"),
        "way": Threshold(0.1, "a network whose weights moved by less has hardly left its start (Chizat et al. 2019)"),
        "jolt_samples": Threshold(20, "first samples among which such an update is looked for"),
        "settled_step": Threshold(15, "Adam's first steps are large by design (Kingma and Ba 2015, bias correction)"),
        "spike_points": Threshold(10, "a spike of the loss: half of the steps in which a rate too high blows up"),
        "outliers": Threshold(2, "a single high loss is no rise: so many of the highest are left out"),
    },
    needs=("layers", "update_ratio", "loss"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: the learning rate is judged by its effects, never by its value."""
    rate = signals.once(Rate)
    if rate.side == "high":
        yield _high(rate)
    elif rate.side == "low":
        yield _low(rate)


def _high(rate: Rate) -> Finding:
    first, size, signals = rate.onset, rate.size, rate.signals
    why, measured = f"updates were {size:.2g} of the weights from step {first} on", size
    threshold = f"update ratio below {rate.thresholds['high']:g}"
    if rate.jolted:
        measured = rate.largest_of_first
        share = f"{measured:.2g} {'of' if measured < 1 else 'times'} their size"
        why = f"one of the first updates changed the weights by {share}"
        threshold = f"first updates below {rate.thresholds['jolt_ratio']:g} of the weights"
    if rate.rise >= rate.thresholds["loss_rise"] and not rate.recovered:
        why = f"{why}, and the loss rose to {rate.rise:.3g} times its start"
    elif rate.blown_up is not None:
        grown = rate.blown_up
        why = f"{why}, and the std of {grown.layer} grew from {grown.start:.3g} to {grown.std:.3g}"
    return Finding(
        series="learning_rate" if len(signals.learning_rate) else None,
        first_step=first,
        last_step=signals.step,
        value=measured,
        threshold=threshold,
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("learning_rate_too_high", why, first),),
        remedy=rate_advice(signals, size),
        expect="The loss falls from the first steps, and the update ratio stays near 1e-3.",
        worst="note" if rate.waits else "critical",
        by_definition=rate.ruined,
        blocking=rate.stalls,
        aspect="high",
    )


def _low(rate: Rate) -> Finding:
    value, signals, low = rate.late_fastest, rate.signals, rate.thresholds["low"]
    seen, where = rate.fastest, "in every layer"
    if value >= low:
        seen, where = rate.smooth, f"in the median layer, {value:.2g} in the fastest"
        value = rate.late
    first = int(seen.steps[int(np.argmax(seen.values < low))])
    how = "crawls" if rate.never_moved else "does not move"
    small = f"updates are only {value:.2g} of the weights" if value > 0 else "the weights do not move"
    return Finding(
        series="learning_rate" if len(signals.learning_rate) else None,
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold=f"update ratio above {low:g}",
        summary=f"{small[0].upper()}{small[1:]}, and the loss {how}",
        causes=(Cause("learning_rate_too_low", f"{small} {where}", first),),
        remedy=rate_advice(signals, rate.late),
        expect="The loss begins to fall within about 100 steps.",
        by_definition=rate.cannot_arrive or rate.never_moved,
        blocking=rate.never_fast,
        aspect="low",
        worst="warning",
    )
