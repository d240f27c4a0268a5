"""Input ignored: the output is the same whatever goes in."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.emptied import emptied
from trainvitals_server.diagnosis.feed import copies, last_told, size, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import depth_profile
from trainvitals_server.diagnosis.network import SATURATING
from trainvitals_server.diagnosis.output_bias import dominant_bias
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import squashed
from trainvitals_server.diagnosis.unmoved import cut_off

RULE = Rule(
    title="Input ignored",
    shows="How much the output differs between the samples of a batch, while the inputs do.",
    matters="An output that does not depend on the input can learn the mean of the targets, and nothing else.",
    todo="Follow one batch through forward(): the input is overwritten, multiplied by zero, masked out, or never used.",
    source="Karpathy, A Recipe for Training Neural Networks (input-independent baseline)",
    thresholds={
        "variation": Threshold(1e-6, "ten times the rounding of float32: the output is the same for all samples"),
        "faint": Threshold(1e-2, "outputs that differ by less than 1 % of their size, and of the targets' spread"),
        "fading_layers": Threshold(5, "over more a gradient is lost on its way, as in five sigmoids (Hochreiter 1991)"),
        "looks": Threshold(8, "a head that starts at zero depends on the input after its first updates"),
        "evaluations": Threshold(2, "without dropout, which makes outputs differ in training"),
        "dead_share": Threshold(0.9, "so many units without signal are what stops it: another rule tells of them"),
    },
    needs=("output_variation", "input"),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, where the output was constant from the first look on: what dies later is no slip of code.

    Where it is only nearly so, as behind a mask that hides all but the padding, it needs harm.
    """
    if last_told(signals, "input").get("constant_fraction", 1.0) == 1.0 or cut_off(signals):
        return
    training, evaluated = signals.history("output_variation"), signals.history("eval/output_variation")
    series, found = "output_variation", training
    if len(training) < thresholds["looks"]:
        return
    faint = False
    if not _constant(training.values, thresholds):
        series, found = "eval/output_variation", evaluated
        if len(found) < thresholds["evaluations"] or not _constant(found.values, thresholds):
            series, found, faint = "output_variation", training, _faint(signals, training.values, thresholds)
            if not faint:
                return
    batches = signals.once(training_batches)
    alike = bool(batches) and all(copies(batch) for _, batch in batches)
    if alike or _fades(signals):
        return
    if not _blind(signals) and _dead(signals, thresholds["dead_share"]):
        return
    step = int(found.steps[0])
    how = f"differs by {np.median(found.values):.1g} of its size between" if faint else "is the same for all"
    why = f"the output {how} samples of a batch since step {step}, though the inputs differ"
    yield Finding(
        series=series,
        first_step=step,
        last_step=signals.step,
        value=float(found.values[-1]),
        threshold=f"above {thresholds['variation']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("input_ignored", why, step),),
        remedy="Follow one batch through forward() with different inputs: find the layer after which all samples are "
        "alike (input overwritten, masked out, multiplied by zero, or never used).",
        expect="Outputs differ between samples, and the loss falls below chance.",
        by_definition=not faint,
        blocking=True,
    )


def _constant(values: Floats, thresholds: Thresholds) -> bool:
    return bool((values < thresholds["variation"]).all())


def _faint(signals: Signals, values: Floats, thresholds: Thresholds) -> bool:
    """Whether hardly anything of the input arrived before the first update or later, and no depth lost it."""
    profile = signals.once(depth_profile)
    if profile is not None and len(profile.weights) > thresholds["fading_layers"]:
        first = profile.first_to_last().first(1).values
        if len(first) and float(first[0]) < signals.thresholds["vanishing_gradient"]["first_to_last"]:
            return False
    if _differs_beside_targets(signals, thresholds["faint"]) or _hidden_by_bias(signals, thresholds["faint"]):
        return False
    # A head that starts at zero gives the same for all at first.
    return 0 < float(values[0]) < thresholds["faint"] and float(np.median(values)) < thresholds["faint"]


def _differs_beside_targets(signals: Signals, share: float) -> bool:
    """Whether outputs that differ little beside their size differ as targets do: they are far from 0, no more."""
    wanted = signals.criterion.get("target_std")
    mean, variation = signals.history("output_mean").beside(signals.history("output_variation"))
    _, std = variation.beside(signals.history("output_std"))
    if not wanted or len(mean) != len(std) or not len(std):
        return False
    spread = variation.values * np.hypot(mean.values, std.values)
    return bool(float(np.median(spread)) > share * wanted)


def _hidden_by_bias(signals: Signals, least: float) -> bool:
    """Whether the bias of the output makes the size of the scores of classes, and the input moves them beside it.

    A class is as likely by what its score differs, however large all are: 0.01 more is 1 % more of its odds.
    """
    if not signals.criterion.get("classes") or signals.once(dominant_bias) is None:
        return False
    outputs = size(signals.history("output_mean"), signals.history("output_std"))
    variation, outputs = signals.history("output_variation").beside(outputs)
    return len(variation) > 0 and float(np.median(variation.values * outputs.values)) > least


def _dead(signals: Signals, share: float) -> bool:
    """Whether a hidden layer had hardly a living unit at first, be its rectifier a layer or a function."""
    if signals.once(emptied):
        return True
    hidden = tuple(layer["name"] for layer in signals.network.hidden)
    places = {
        "dead_unit_fraction": hidden,
        "saturated_unit_fraction": hidden,
        "nonpositive_unit_fraction": signals.network.before_functions,
    }
    for statistic, layers in places.items():
        for layer in layers:
            known = signals.of(statistic, layer).finite().first(3).values
            if len(known) and float(known.min()) >= share:
                return True
    return False


def _blind(signals: Signals) -> bool:
    """Whether the first layer gave one number for all there was from the start, though it has weights: units that are
    dead after it are dead because nothing came in."""
    if not signals.network.weights:
        return False
    first = signals.network.weights[0]
    out = signals.of("activation_std", first.layer).first(3).values
    size = signals.of("weight_norm", first.name).first(1).values
    return len(out) > 0 and float(np.abs(out).max()) == 0 and len(size) > 0 and float(size[0]) > 0


def _fades(signals: Signals) -> bool:
    """Whether squashing activations let signal and gradient fade from layer to layer, before the first update."""
    profile = signals.once(depth_profile)
    modules = any(layer["type"] in SATURATING for layer in signals.network.hidden)
    if profile is None or not (modules or signals.once(squashed)):
        return False
    first = profile.first_to_last().first(1).values
    return len(first) > 0 and float(first[0]) < signals.thresholds["vanishing_gradient"]["first_to_last"]
