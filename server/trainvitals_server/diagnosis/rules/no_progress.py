"""No progress: the loss stays where it was, or gets worse."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.forensics import first_move, rate_leap
from trainvitals_server.diagnosis.harm import Harm
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio

RULE = Rule(
    title="No progress",
    shows="The loss is no better than chance, does not change beyond its own noise, or diverges.",
    matters="Nothing is learned: every further step is wasted until the cause is found.",
    todo="Look at the causes named beside it. Where there are none: check that inputs and labels belong together, then "
    "try to overfit ten samples.",
    source="Karpathy, A Recipe for Training Neural Networks; Welch 1947 (comparing two means)",
    thresholds={
        "loss_leap": Threshold(3.0, "twice the 1.5 at which a loss counts as diverged"),
        "late_samples": Threshold(20, "updates whose median is told, as of learning_rate"),
        "leap_steps": Threshold(20, "a rate too high blows up within 5 to 20 steps (Bengio 2012, section 3.1)"),
    },
    needs=("loss",),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding while the loss shows harm that is not its being non-finite (which is a rule of its own).

    Or while it is worse than an untrained network's since the learning rate leapt, though it may come down again.
    """
    harm = signals.loss.harm or _thrown_back(signals, thresholds)
    if harm is None or harm.kind == "non_finite" or (harm.kind != "diverging" and signals.loss.may_wait):
        return
    chance = signals.loss.chance
    diverging = harm.kind == "diverging"
    leap = _leap(signals, thresholds)
    yield Finding(
        series=signals.loss.key,
        first_step=harm.first_step,
        last_step=signals.step,
        value=harm.value,
        threshold=f"chance is {chance:.3g}" if chance is not None else "a fall beyond the noise",
        summary=f"{harm.why[0].upper()}{harm.why[1:]}",
        causes=(*([leap] if leap else []), *_outcome(signals, harm)),
        remedy=_remedy(signals, diverging, leap, thresholds),
        expect="The loss falls clearly below its start within a few hundred steps.",
        worst=harm.worst,
        by_definition=True,
    )


def _remedy(signals: Signals, diverging: bool, leap: Cause | None, thresholds: Thresholds) -> str:
    if leap is not None:
        return "Divide the learning rate by 10 from that step on: look at what the schedule does there."
    if diverging:
        return "Stop, and go back to the last step before the loss rose with a lower learning rate."
    rate = _of_rate(signals, int(thresholds["late_samples"]))
    return (
        f"Try to overfit ten samples: if that fails, the network or the loss is wrong{rate}; if not, the data: look "
        "whether inputs and labels belong together."
    )


def _of_rate(signals: Signals, samples: int) -> str:
    """What separates a network that cannot learn from one that is not moved, where updates are known."""
    ratio = network_ratio(signals).last(samples).values
    if not len(ratio):
        return ""
    return f", or the learning rate (updates are {np.median(ratio):.2g} of the weights, about 1e-3 is right)"


def _outcome(signals: Signals, harm: Harm) -> Iterator[Cause]:
    """What the loss shows; where it diverges, with what moved first. High from its start on it never did."""
    start, higher = signals.loss.start, signals.loss.thresholds["diverged_factor"]
    high_all_along = harm.first_step == 0 and start is not None and harm.value < higher * start
    if harm.kind != "diverging" or high_all_along:
        yield Cause("no_progress", harm.why, harm.first_step)
        return
    move = first_move(signals, harm.first_step)
    moved = f"; the first to move was {move.words}" if move is not None else ""
    yield Cause("diverging", f"{harm.why}{moved}", harm.first_step)


def _thrown_back(signals: Signals, thresholds: Thresholds) -> Harm | None:
    """What was learned is lost since a leap of the learning rate: no restart of a schedule is meant to cost that."""
    loss, persistence = signals.loss, signals.thresholds["persistence"]
    leap = _leap(signals, thresholds) if loss.reference and not loss.game and not loss.signed else None
    if leap is None or not loss.reference:
        return None
    settled = loss.finite.between(int(leap.first_step + thresholds["leap_steps"]), signals.step)
    late = settled.last(int(persistence["points"])).values
    if len(late) < persistence["points"] or float((late > loss.reference).mean()) < persistence["share"]:
        return None
    level = median(late)
    why = (
        f"the loss is {level:.3g}, above the {loss.reference:.3g} of an untrained network, since step {leap.first_step}"
    )
    return Harm("diverging", leap.first_step, level, why, "warning")


def _leap(signals: Signals, thresholds: Thresholds) -> Cause | None:
    """A learning rate that leapt, and a loss that leapt right after it."""
    leap = rate_leap(signals, 0, signals.step)
    if leap is None:
        return None
    step, before, after = leap
    steps = int(thresholds["leap_steps"])
    quiet = signals.loss.finite.between(step - steps, step).values
    wild = signals.loss.finite.between(step + 1, step + steps).values
    if not len(quiet) or not len(wild) or wild.max() < thresholds["loss_leap"] * np.median(quiet):
        return None
    grown = f"the loss from {np.median(quiet):.3g} to {wild.max():.3g} after it"
    why = f"the learning rate leapt from {before:.3g} to {after:.3g} at step {step}, and {grown}"
    return Cause("learning_rate_too_high", why, step)
