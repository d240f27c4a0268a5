"""Repeated batch: every step is fed the same samples, though there are others."""

import math
from collections.abc import Iterator, Sequence

from trainvitals_server.diagnosis.feed import (
    Details,
    evaluated_batches,
    last_told,
    one_label_a_sample,
    one_output_a_sample,
    training_batches,
)
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="The same batch again and again",
    shows="Whether the batches differ, told by a hash of their inputs and targets.",
    matters="The network learns one batch by heart and never sees the other samples; the training loss looks splendid.",
    todo="Make the iterator once, before the loop: `next(iter(loader))` in it begins anew each time, "
    "and so does a generator that is made of its seed in it.",
    source="Karpathy, A Recipe for Training Neural Networks (overfitting one batch is a test, and no training)",
    thresholds={
        "looks": Threshold(
            16, "so many batches in a row without another; several passes over one are few (PPO takes ten)"
        ),
        "batch_min": Threshold(8, "the least size of a batch that is a power of two"),
        "batch_max": Threshold(512, "and the greatest: larger ones are as likely all there is"),
        "usual_max": Threshold(
            128, "the greatest of a batch of any size (to 32 is best: Masters and Luschi 2018; 128 of He et al. 2016)"
        ),
        "samples_a_feature": Threshold(
            2.0, "with fewer samples a linear map fits any classes (Cover 1965): no data set"
        ),
        "samples_a_class": Threshold(10.0, "nobody learns a class by fewer: ten events a variable (Peduzzi 1996)"),
        "weights_a_sample": Threshold(10.0, "all data of a task is seldom so little beside the network"),
    },
    needs=("batch",),
)


PLACE_AXES = 5
"""Fewer features may be a place and a time."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. All data in one batch looks the same: a warning needs a sign that there is more."""
    batches = signals.once(training_batches)
    if len(batches) < thresholds["looks"] or not _all_the_same([batch for _, batch in batches]):
        return
    step, first = batches[0]
    sign = _more_samples(signals, first) or _mini_batch(signals, first, thresholds)
    why = f"each of the {len(batches)} batches looked at holds the same {first.get('size')} samples"
    yield Finding(
        first_step=step,
        last_step=signals.step,
        value=len(batches),
        threshold="batches that differ",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("repeated_batch", f"{why}{f', {sign}' if sign else ''}", step),),
        remedy="Iterate over the loader (for x, y in loader), or make iterator and generator once before the loop: "
        "next(iter(loader)), or a generator with the same seed, gives the first batch each time inside it.",
        expect="Batches differ, and the validation loss falls with the training loss.",
        worst="warning" if sign else "note",
        by_definition=bool(sign),
    )


def _all_the_same(batches: Sequence[Details]) -> bool:
    for part in ("input_hash", "target_hash"):
        if len({batch.get(part) for batch in batches}) > 1:
            return False
    return batches[0].get("input_hash") is not None and batches[0].get("size", 0) > 1


def _more_samples(signals: Signals, first: Details) -> str | None:
    """A sign that there are other samples: an evaluation on more of them, or classes that the batch lacks."""
    # A function, or an equation, is fitted on one set of places, and looked at on another.
    shape = last_told(signals, "input").get("shape") or []
    if not last_told(signals, "labels") and len(shape) == 2 and shape[1] < PLACE_AXES:
        return None
    evaluated = {batch.get("input_hash"): batch.get("size", 0) for batch in evaluated_batches(signals)}
    evaluated.pop(first.get("input_hash"), None)
    if sum(evaluated.values()) > first["size"]:
        return f"and evaluations see {sum(evaluated.values())} others"
    labels = last_told(signals, "labels")
    classes, known = labels.get("classes") or 0, labels.get("labels_seen") or 0
    if one_label_a_sample(signals) and 1 < known < classes and classes > 2:
        return f"which are of {known} of {classes} classes"
    return None


def _mini_batch(signals: Signals, first: Details, thresholds: Thresholds) -> str | None:
    """A sign that this is a batch and not the data: a power of two of images, texts or samples too few for their
    features, or so few of each class, for a network of many weights. Images and texts need be no power of two.
    """
    size, shape = int(first["size"]), last_told(signals, "input").get("shape") or []
    weights = sum(math.prod(weight.shape) for weight in signals.network.weights)
    if weights < thresholds["weights_a_sample"] * size:
        return None
    if (classes := _classes(signals, size)) and size < thresholds["samples_a_class"] * classes:
        return f"for {classes} classes and a network of {weights} weights"
    power = size & (size - 1) == 0 and thresholds["batch_min"] <= size <= thresholds["batch_max"]
    usual = thresholds["batch_min"] <= size <= thresholds["usual_max"] and one_output_a_sample(signals, size)
    texts = len(shape) == 2 and str(last_told(signals, "input").get("dtype", "")).startswith("int")
    few = one_label_a_sample(signals) and len(shape) == 2 and size < thresholds["samples_a_feature"] * shape[1]
    # Two or three whole numbers may be all sums there are, or the places of a table.
    many = len(shape) >= 4 or (texts and shape[1] >= PLACE_AXES)
    found = (power and (len(shape) >= 4 or texts or few)) or (usual and many)
    return f"for a network of {weights} weights" if found else None


def _classes(signals: Signals, size: int) -> int:
    """How many classes samples of measured features are told apart into, 0 where that is not known.

    A table of bits or numbers may be all there is, one row for each class; of two classes a handful may be.
    """
    fed = last_told(signals, "input")
    shape = fed.get("shape") or []
    if len(shape) < 2 or shape[-1] < PLACE_AXES or fed.get("integer_valued") or fed.get("binary"):
        return 0
    told = last_told(signals, "loss_gradient")
    of_gradient = told.get("form") == "cross_entropy" and told.get("output_shape") == [size, told.get("outputs")]
    found = told["outputs"] if of_gradient else last_told(signals, "labels").get("classes") or 0
    return int(found) if found > 2 and (of_gradient or one_label_a_sample(signals)) else 0
