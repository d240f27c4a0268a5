"""Constant input: every sample that goes in is the same."""

import math
from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.feed import Details, copies, last_told, samples_of, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Constant input",
    shows="Whether any place of the input differs between samples, within a batch and from batch to batch.",
    matters="A network that is fed the same thing each time can learn the mean of the targets, and nothing else.",
    todo="Look at two samples as they enter the network: a whole division, a wrong index, a mask or a missing file "
    "handle makes them alike.",
    source="Karpathy, A Recipe for Training Neural Networks (visualize just before the net)",
    thresholds={
        "rows": Threshold(8, "so many samples that are alike in every place are no chance"),
        "differ": Threshold(1e-3, "of one input outputs differ by rounding alone, a thousand times less"),
        "batches": Threshold(8, "so many batches, each of copies of a single sample, are no chance either"),
    },
    needs=("input",),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding; a single sample on purpose (an image fitted by a network) has batches of one."""
    seen = last_told(signals, "input")
    if samples_of(seen) < 2 or _one_target(signals):
        return
    found = _all_alike(seen, thresholds) or _copies(signals, thresholds)
    if found is None or _fed_more(signals, thresholds):
        return
    step = next((fact["step"] for fact in signals.facts("input")), 0)
    yield Finding(
        first_step=step,
        last_step=signals.step,
        value=seen.get("mean"),
        threshold="samples that differ",
        summary=f"{found[0].upper()}{found[1:]}",
        causes=(Cause("constant_input", found, step),),
        remedy="Print two samples of a batch just before model(x): find the step of the data's preparation after "
        "which they are the same (whole division, wrong index, mask, scaling).",
        expect="Inputs differ between samples, and the loss falls below chance.",
        by_definition=str(seen.get("dtype", "")).startswith(("float", "bfloat")) and _takes(signals, seen),
    )


def _fed_more(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether outputs differ between samples though no dropout does it: the network has another input beside this."""
    looks = signals.history("output_variation").finite().first(int(thresholds["batches"])).values
    dropout = last_told(signals, "modes").get("dropout", 0)
    return not dropout and len(looks) > 0 and float(np.median(looks)) > thresholds["differ"]


def _takes(signals: Signals, seen: Details) -> bool:
    """Whether the first layer is one that such an input fits: if not, it is fed another, or what is made of this."""
    shape = seen.get("shape") or []
    if not signals.network.weights or len(shape) < 2:
        return True
    first = signals.network.weights[0]
    if first.layer_type == "Linear":
        return first.fan_in in (shape[-1], math.prod(shape[1:]))
    return not first.layer_type.startswith("Conv") or first.shape[1] in (shape[1], 1)


def _all_alike(seen: Details, thresholds: Thresholds) -> str | None:
    if seen.get("constant_fraction") != 1.0 or seen.get("rows", 0) < thresholds["rows"]:
        return None
    value = f", all {seen['min']:.3g}" if seen.get("min") is not None and seen["min"] == seen.get("max") else ""
    return f"all {seen['rows']} samples looked at are the same in every place{value}"


def _copies(signals: Signals, thresholds: Thresholds) -> str | None:
    batches = [batch for _, batch in signals.once(training_batches) if batch.get("size", 0) >= thresholds["rows"]]
    alike = [batch for batch in batches if copies(batch)]
    if len(alike) < thresholds["batches"] or len(alike) < len(batches):
        return None
    return f"each of {len(alike)} batches holds one sample {alike[0]['size']} times"


def _one_target(signals: Signals) -> bool:
    """Whether the target never changes either: that is one sample on purpose, or a batch that is repeated."""
    labels, target = last_told(signals, "labels"), last_told(signals, "target")
    return labels.get("labels_seen") == 1 or (not labels and target.get("unit_std_max") == 0)
