"""Batches of a single label: the data is sorted by class."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.criterion import labels
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Batches of a single label",
    shows="A first batch that holds one class only, though the output has several.",
    matters="Each batch pulls the network towards its own class and away from the others: it forgets as fast as it "
    "learns, and large steps follow.",
    todo="Shuffle: `DataLoader(..., shuffle=True)`.",
    source="Bengio 2012, Practical recommendations, section 3.1 (shuffling); Goodfellow et al. 2016, section 8.1.3",
    thresholds={
        "labels": Threshold(16, "of shuffled labels of three classes so many alike come about once in 10^7"),
        "classes": Threshold(3, "of two classes one may just be rare"),
    },
    needs=("criterion",),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. Of two classes one may just be rare, and pixels of one image are no shuffled batch."""
    seen, counts = signals.criterion, labels(signals.criterion)
    classes, per_sample = int(seen.get("classes") or 0), len(seen.get("target_shape") or []) == 1
    if len(counts) != 1 or not per_sample or classes < thresholds["classes"] or counts[0] < thresholds["labels"]:
        return
    step = int(seen.get("step", 0))
    why = f"all {counts[0]:g} labels of the first batch are of one class, of {classes}"
    yield Finding(
        first_step=step,
        last_step=signals.step,
        value=counts[0],
        threshold="several classes a batch",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("single_label_batches", why, step),),
        remedy="Shuffle the data: DataLoader(..., shuffle=True), or a random permutation each epoch.",
        expect="Each batch holds all classes in about their proportions, and the loss falls without a sawtooth.",
        by_definition=True,
    )
