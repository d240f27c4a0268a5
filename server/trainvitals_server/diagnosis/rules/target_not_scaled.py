"""Target not scaled: the targets of a regression lie far beyond what the untrained network gives."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis import feed
from trainvitals_server.diagnosis.criterion import ELEMENTWISE
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
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
        "looks": Threshold(4, "outputs in one median: batches differ"),
    },
    needs=("target",),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. Outputs that are scaled back by the network itself start at the size of the targets."""
    if signals.criterion.get("type") not in ELEMENTWISE or signals.loss.game:
        return
    target, output = _sizes(signals)
    if not len(target) or not len(output):
        return
    wanted = float(np.median(target.values))
    looks = int(thresholds["looks"])
    first = float(np.median(output.first(looks).values))
    now = float(np.median(output.last(looks).values))
    if wanted < thresholds["size"] or first >= thresholds["reached"] * wanted:
        return
    stuck = now < thresholds["reached"] * wanted and output.steps[-1] >= thresholds["steps"]
    known = feed.last_told(signals, "target")
    mean, std = known.get("mean") or 0.0, known.get("std") or 0.0
    step = int(target.steps[0])
    why = f"targets have mean {mean:.3g} and std {std:.3g}, the outputs of the untrained network a size of {first:.2g}"
    if stuck:
        why = f"{why} and {now:.2g} at step {output.steps[-1]}"
    yield Finding(
        series="target_std",
        first_step=step,
        last_step=signals.step,
        value=wanted,
        threshold=f"size below {thresholds['size']:g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("target_not_scaled", why, step),),
        remedy=f"Scale the targets: train on (target - {mean:.3g}) / {std or 1.0:.3g}, and undo it in the answer.",
        expect="Targets have mean 0 and std 1, and the first loss of a squared error is about 1.",
        by_definition=stuck or wanted >= thresholds["extreme_size"],
        blocking=True,
    )


def _sizes(signals: Signals) -> tuple[History, History]:
    """The root mean square of targets and of outputs at each look, where finite."""
    target, output = (
        feed.size(signals.history(f"{part}_mean"), signals.history(f"{part}_std")).finite()
        for part in ("target", "output")
    )
    return target, output
