"""Gradients never zeroed: each step follows the sum of all gradients before it."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.unmoved import none_moves, still_weights
from trainvitals_server.diagnosis.updates import over_weights

RULE = Rule(
    title="Gradients never zeroed",
    shows="The norm of the gradients that are still there when the first backward pass of a step begins: 0 after "
    "`zero_grad()`, and what the last step left where it is missing.",
    matters="`backward()` adds to what is there. Each step follows the sum of all gradients so far, like a ball that "
    "rolls without friction: the loss falls at first, then swings or diverges.",
    todo="Call `optimizer.zero_grad()` in each step, before `loss.backward()`. To accumulate on purpose, call it after "
    "each `optimizer.step()`.",
    source="PyTorch, Tensor.backward (gradients accumulate); Humbatova et al. 2020, Taxonomy of Real Faults",
    thresholds={
        "samples": Threshold(8, "fewer steps may be a start of its own"),
        "share": Threshold(0.8, "zeroed once an epoch, all other steps carry gradients over"),
        "carried": Threshold(0.01, "less of a step's gradient is a remainder in a parameter that is not trained"),
        "same": Threshold(0.05, "norms of one gradient, before and after a step: rounding, and what is not watched"),
        "cosine": Threshold(0.8, "sums of t gradients and of t + 1 differ by an angle of cosine sqrt(t / (t + 1))"),
        "cosine_alone": Threshold(0.95, "without the carried norm: far beyond what fresh batches give for long"),
        "growth": Threshold(4.0, "the sum of ten gradients of one direction is ten times the first"),
    },
    needs=("gradient_norm_carried or gradient_cosine",),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: measured, or told by the shape of the gradients where that could not be.

    What no optimizer has adds up all its gradients: no `zero_grad` reaches it.
    """
    unknown = not signals.facts("optimizer")
    if none_moves(signals) or (unknown and signals.once(still_weights)):
        return
    carried = signals.history("gradient_norm_carried")
    if len(carried):
        found = _carried(signals, carried, thresholds)
        if found is not None:
            yield _finding(signals, *found, by_definition=True)
    elif (grown := _grown(signals, thresholds)) is not None:
        yield _finding(signals, 0, grown, f"the gradient norm has grown to {grown:.3g} times its start", False)


def _carried(signals: Signals, carried: History, thresholds: Thresholds) -> tuple[int, float, str] | None:
    """Onset, median and words of gradients that were carried over, sure to be those the steps follow."""
    later, before = carried.between(1, signals.step).beside(signals.history("gradient_norm_unclipped"))
    samples = int(thresholds["samples"])
    if len(later) < samples:
        return None
    held = later.values > thresholds["carried"] * before.values
    recent = held[-2 * samples :]
    if recent.mean() < thresholds["share"] or held.sum() < samples:
        return None
    if not _plain(signals) and _cosine(signals, samples) < thresholds["cosine"]:
        return None
    if not _left_by_last_step(signals, later, thresholds):
        return None
    first = int(later.steps[int(np.argmax(held))])
    size = float(np.median(later.values[held]))
    return max(0, first - 1), size, f"gradients of norm {size:.3g} are still there when a step's backward pass begins"


def _left_by_last_step(signals: Signals, carried: History, thresholds: Thresholds) -> bool:
    """Whether what is there is what the step before left, as far as both are known.

    A parameter that the loss itself is made with, outside the model, has its gradient before the others.
    """
    left = signals.history("gradient_norm_total").finite()
    before, now = left.beside(History(carried.steps - 1, carried.values))
    if len(now) < thresholds["samples"]:
        return True
    apart = np.abs(now.values - before.values) > thresholds["same"] * before.values
    return float(apart.mean()) < 1 - thresholds["share"] + thresholds["carried"]


def _plain(signals: Signals) -> bool:
    """Whether nothing else can leave a gradient: one optimizer of all parameters, one backward pass a step."""
    passes = signals.history("backward_passes").values
    one_pass = len(passes) > 0 and float(np.median(passes)) == 1
    watched = bool(signals.facts("optimizer")) and not signals.several_optimizers
    return watched and one_pass and not signals.network.left_out


def _cosine(signals: Signals, samples: int) -> float:
    """The median over weights and the last samples, between successive gradients; 0 where it is not known."""
    last = over_weights(signals, "gradient_cosine").last(2 * samples).values
    return float(np.median(last)) if len(last) >= samples else 0.0


def _grown(signals: Signals, thresholds: Thresholds) -> float | None:
    """By what the gradient grew while its direction stayed."""
    norm = signals.history("gradient_norm_total").finite()
    samples = int(thresholds["samples"])
    if len(norm) < 2 * samples or _cosine(signals, samples) < thresholds["cosine_alone"]:
        return None
    start = float(np.median(norm.values[:3]))
    growth = float(np.median(norm.values[-samples:])) / start if start > 0 else 0.0
    return growth if growth >= thresholds["growth"] else None


def _finding(signals: Signals, first: int, value: float, why: str, by_definition: bool) -> Finding:
    return Finding(
        series="gradient_norm_carried" if by_definition else "gradient_norm_total",
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold="0 after zero_grad()",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("missing_zero_grad", why, first),),
        remedy="Call optimizer.zero_grad() in each step, before loss.backward().",
        expect="The carried norm is 0 at each step, and the gradient norm falls with the loss.",
        by_definition=by_definition,
    )
