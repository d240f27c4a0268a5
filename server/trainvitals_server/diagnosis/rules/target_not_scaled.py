"""Target not scaled: the targets of a regression lie far beyond what the untrained network gives."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis import feed
from trainvitals_server.diagnosis.criterion import ELEMENTWISE
from trainvitals_server.diagnosis.distance import Distance, distance
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Target not scaled",
    shows="The size of the targets beside that of the output.",
    matters="A network starts with outputs near 0 and moves them by small steps: it spends thousands of updates on the "
    "way to targets in the thousands, or blows up, since the gradient of a squared error grows with the distance.",
    todo="Subtract the mean of the training targets and divide by their standard deviation; undo it in the answer. "
    "Prices and counts may do better as logarithms.",
    source="Bishop 1995, Neural Networks for Pattern Recognition, section 8.2; LeCun et al. 1998, Efficient BackProp",
    thresholds={
        "size": Threshold(10.0, "a root mean square ten times that of scaled targets, for which outputs start"),
        "extreme_size": Threshold(1000.0, "a thousand times: no first guess or learning rate makes up for it"),
        "reached": Threshold(0.2, "an output of a fifth of the targets' size has not come near them"),
        "steps": Threshold(50, "updates after which an output that can get there is on its way"),
        "looks": Threshold(4, "looks whose median, and at last whose greatest, stands for the output: batches differ"),
        "samples": Threshold(5, "samples over which gradient and loss must be those of a squared or absolute error"),
        "few_samples": Threshold(3, "of a loss logged each so many steps, where it is that of extreme targets"),
        "squared": Threshold(0.8, "share of a squared error's gradient where targets spread 0.7 times their mean"),
        "rounding": Threshold(0.01, "how far an exact ratio may be off in float32 and lower precision"),
    },
    needs=("target or gradient_norm", "loss or target"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. Outputs that are scaled back by the network itself start at the size of the targets."""
    if signals.loss.game or _of_labels(signals):
        return
    found = _seen(signals, thresholds) if signals.facts("target") else distance(signals, thresholds)
    if found is None or found.target < thresholds["size"] or found.first >= thresholds["reached"] * found.target:
        return
    stuck = found.now < thresholds["reached"] * found.target and found.step >= thresholds["steps"]
    known = feed.last_told(signals, "target")
    mean, std = known.get("mean"), known.get("std")
    what = (
        f"targets lie about {found.target:.4g} from 0"
        if mean is None
        else f"targets have mean {mean:.4g}, std {std:.4g}"
    )
    why = f"{what}, the outputs of the untrained network a size of {found.first:.2g}"
    if stuck:
        why = f"{why} and {found.now:.2g} at step {found.step}"
    scaled = "(target - mean) / std" if mean is None else f"(target - {mean:.4g}) / {std or 1.0:.4g}"
    yield Finding(
        series="target_std" if known else signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=found.target,
        threshold=f"size below {thresholds['size']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("target_not_scaled", why, 0),),
        remedy=f"Scale the targets: train on {scaled}, and undo it in the answer.",
        expect="Targets have mean 0 and std 1, and the first loss of a squared error is about 1.",
        by_definition=stuck or found.target >= thresholds["extreme_size"],
        blocking=True,
    )


def _of_labels(signals: Signals) -> bool:
    """Whether the criterion is fed labels: of what the gradient at one output tells the loss may be a part."""
    return bool(signals.facts("labels")) and not signals.criterion.get("read_from")


def _seen(signals: Signals, thresholds: Thresholds) -> Distance | None:
    """The root mean square of targets and outputs over the first and last looks."""
    target, output = (
        feed.size(signals.history(f"{part}_mean"), signals.history(f"{part}_std")).finite()
        for part in ("target", "output")
    )
    if signals.criterion.get("type") not in ELEMENTWISE or not len(target) or not len(output):
        return None
    looks = int(thresholds["looks"])
    first, now = float(np.median(output.first(looks).values)), float(output.last(looks).values.max())
    return Distance(float(np.median(target.values)), first, now, int(output.steps[-1]))


def unmeasured(signals: Signals) -> str | None:
    """Without targets it is told from the gradient of an output bias."""
    if signals.facts("target") or signals.facts("labels"):
        return None
    output = signals.network.layers[signals.network.output_place :] if signals.network.layers else ()
    biased = any(len(parameter["shape"]) == 1 for layer in output[:1] for parameter in layer["parameters"])
    return None if biased else "pass criterion="
