"""Exploding gradient: its norm leaps far above its own running median, or grows on the way back through the layers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.cliff import cliff
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import DepthProfile, depth_profile
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.median import median, running_medians
from trainvitals_server.diagnosis.network import Weight
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.sensitivity import steepest
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.sustained import Stretch, sustained
from trainvitals_server.diagnosis.unmoved import none_moves

RULE = Rule(
    title="Exploding gradient",
    shows="The gradient norm lies far above its own running median, or the first layer's far above the last one's; or "
    "a loss that a tiny change of a weight would multiply before the first update, or in a recurrence without gates "
    "that nothing clips, before it has risen.",
    matters="A few huge steps destroy what was learned, and soon values overflow.",
    todo="Lower the learning rate, or clip the global gradient norm (1.0 is usual); recurrent networks need clipping.",
    source="Pascanu, Mikolov and Bengio 2013",
    thresholds={
        "over_median": Threshold(10.0, "Pascanu et al. 2013 clip at 0.5 to 10 times the average norm"),
        "over_start": Threshold(100.0, "first gradients differ by up to an order of magnitude in healthy runs"),
        "first_to_last": Threshold(1e3, "the mirror of vanishing_gradient's first_to_last"),
        "sensitivity": Threshold(100.0, "a change of a weight by 1 %, the upper end of update_ratio, doubles the loss"),
        "recurrent_sensitivity": Threshold(
            10.0, "of a matrix applied at each time step: gates and clipping keep it below 6 in healthy runs"
        ),
        "chaotic": Threshold(
            1e3, "a step of a thousandth, which is usual, changes the loss by all of it; below 100 in healthy runs"
        ),
        "cliff": Threshold(20.0, "the same at a step before the loss has risen: twice as much, for batches differ"),
        "baseline_samples": Threshold(50, "samples of the running median"),
        "settled_samples": Threshold(30, "before so many there is no running median, and first steps are wild"),
        "young": Threshold(4, "times settled_samples: later explosions have a past of their own to be measured by"),
        "late_samples": Threshold(10, "a leap is measured against what lies so many samples back and more"),
        "looked_back": Threshold(100, "last samples among which leaps are counted"),
        "hum": Threshold(0.1, "below this share of its start the norm is a converged run's hum, and no baseline"),
        "share": Threshold(0.3, "spikes count when they are three in ten samples: one is a bad batch"),
    },
    needs=("gradient_norm_total or gradient_norm",),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """Growth over time for the whole network, and growth along the depth for the layer it ends at.

    Where no weight ever moves gradients only add up, of nothing that anyone could blow up.
    """
    if none_moves(signals):
        return
    norm = signals.history("gradient_norm_total").finite()
    leaps = _leaps(norm, thresholds)
    stretch = sustained(signals, norm, leaps, thresholds["late_samples"], thresholds["share"])
    stretch = stretch or _early(norm, thresholds)
    profile = signals.once(depth_profile)
    if stretch is not None:
        yield _over_time(stretch, norm, profile, thresholds)
    # It never is more than a note while the loss is well: not worth a look then.
    ill = signals.loss.harm is not None or signals.loss.stall is not None
    lost = _most_is_left(signals)
    found = steepest(signals) if ill or lost else None
    chaotic = lost and found is not None and found[1] > thresholds["chaotic"]
    if found is not None and (chaotic or (ill and found[1] > _limit(signals, found[0], thresholds))):
        yield _steep_start(signals, *found, _limit(signals, found[0], thresholds), chaotic=chaotic)
    elif ill and (reached := cliff(signals, thresholds)) is not None:
        weight, times, step = reached
        yield _steep_start(signals, weight, times, thresholds["cliff"], step)
    if profile is not None:
        ratio = profile.growth()
        steep = ratio.values > thresholds["first_to_last"]
        if (deep := sustained(signals, ratio, steep) or _at_start(ratio, steep)) is not None:
            yield _over_depth(deep, profile, thresholds)


def _limit(signals: Signals, weight: Weight, thresholds: Thresholds) -> float:
    """What the loss may be sensitive to: a step that one matrix takes is taken again at each time step."""
    return thresholds["recurrent_sensitivity" if signals.network.repeats(weight) else "sensitivity"]


def _most_is_left(signals: Signals) -> bool:
    """Whether most of the loss is left after the warm-up, however it falls: a chaotic start costs that, if no more."""
    loss = signals.loss
    if loss.warming_up or loss.game or loss.signed or loss.share_left is None:
        return False
    return loss.share_left > loss.thresholds["stalled_share"]


def _steep_start(
    signals: Signals, weight: Weight, times: float, limit: float, step: int = 0, *, chaotic: bool = False
) -> Finding:
    harm = signals.loss.harm
    recurrent, often = (
        "a recurrent layer applies it at each time step",
        "as where one matrix is applied again and again",
    )
    again = recurrent if signals.network.recurrent else often
    when = "before the first update" if step == 0 else f"at step {step}, before the loss had risen"
    why = f"at step {step} a change of {weight.name} by 1 % would change the loss by {times:.0f} %: {again}"
    return Finding(
        layer=weight.layer,
        series=f"gradient_norm/{weight.name}",
        first_step=0,
        last_step=signals.step,
        value=times,
        threshold=f"gradient norm times weight norm below {limit:g} times the loss",
        summary=f"The gradient of {weight.name} is {times:.3g} times the loss over the weight, {when}",
        # A recurrence is as steep as it was drawn: the first updates only find the cliff.
        causes=(Cause("exploding_gradient", why, 0),),
        remedy="Clip the global gradient norm to 1.0, and start recurrent weights at the identity or orthogonal.",
        expect="The gradient norm stays within a factor of 10 of its median.",
        worst="warning" if harm is None else harm.worst,
        by_definition=chaotic,
        blocking=signals.network.repeats(weight),
        aspect="start",
    )


def _at_start(ratio: History, steep: NDArray[np.bool_]) -> Stretch | None:
    """An explosion before the first update stays the reason of what it did, also once the layers it hit are silent."""
    if not len(ratio) or ratio.steps[0] > 0 or not steep[0]:
        return None
    return Stretch(0, int(ratio.steps[-1]), float(ratio.values[0]))


def _leaps(norm: History, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Which samples lie far above the median of those before them, and not just above a converged run's hum."""
    window, settled, late = (int(thresholds[name]) for name in ("baseline_samples", "settled_samples", "late_samples"))
    leaps = np.zeros(len(norm), bool)
    if len(norm) <= settled:
        return leaps
    hum = thresholds["hum"] * median(norm.values[:settled])
    first = max(settled, len(norm) - int(thresholds["looked_back"]))
    for i in range(first, min(window, len(norm))):
        baseline = median(norm.values[: i - late + 1])
        leaps[i] = norm.values[i] > thresholds["over_median"] * max(baseline, hum)
    if (rest := max(first, window)) < len(norm):
        before = norm.values[rest - window : len(norm) - late]
        baselines = running_medians(before, window - late + 1)
        leaps[rest:] = norm.values[rest:] > thresholds["over_median"] * np.maximum(baselines, hum)
    return leaps


def _early(norm: History, thresholds: Thresholds) -> Stretch | None:
    """An explosion within the first samples: three of them far above the very first."""
    settled, late = int(thresholds["settled_samples"]), int(thresholds["late_samples"])
    first = norm.first(settled)
    if len(first) < late or len(norm) > thresholds["young"] * settled:
        return None
    high = np.flatnonzero(first.values > thresholds["over_start"] * first.values[0])
    if len(high) < thresholds["share"] * late:
        return None
    return Stretch(int(first.steps[high[0]]), int(norm.steps[-1]), float(first.values[high].max()))


def _over_time(stretch: Stretch, norm: History, profile: DepthProfile | None, thresholds: Thresholds) -> Finding:
    before = norm.between(0, stretch.first_step - 1)
    usual = median(before.values[-50:]) if len(before) else float("nan")
    why = f"the gradient norm rose from {usual:.2g} to {stretch.value:.2g} at step {stretch.first_step}"
    return Finding(
        layer=profile.strongest_layer() if profile is not None else None,
        series="gradient_norm_total",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"below {thresholds['over_median']:g} times its running median",
        summary=f"Gradient norm {stretch.value:.2g} since step {stretch.first_step}, {usual:.2g} before",
        causes=(Cause("exploding_gradient", why, stretch.first_step),),
        remedy="Clip the global gradient norm to 1.0, or divide the learning rate by 3.",
        expect="The gradient norm stays within a factor of 10 of its median.",
        worst="critical",
    )


def _over_depth(stretch: Stretch, profile: DepthProfile, thresholds: Thresholds) -> Finding:
    first, last = profile.weights[0], profile.weights[-1]
    why = f"the gradient of {first.layer} is {stretch.value:.1g} times that of {last.layer}"
    return Finding(
        layer=first.layer,
        series=f"gradient_norm/{first.name}",
        first_step=stretch.first_step,
        last_step=stretch.last_step,
        value=stretch.value,
        threshold=f"first to last below {thresholds['first_to_last']:g}",
        summary=f"The gradient grows {stretch.value:.1g} times on its way back from {last.layer} to {first.layer}",
        causes=(Cause("exploding_gradient", why, stretch.first_step),),
        remedy="Initialise with He or Xavier weights, add normalisation layers, or clip the gradient norm.",
        expect="The gradients of all layers come within a factor of 100 of each other.",
        worst="critical",
    )
