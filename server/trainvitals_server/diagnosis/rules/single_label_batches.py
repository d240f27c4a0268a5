"""Batches of a single label: the data is sorted by class."""

import math
from collections.abc import Iterator
from itertools import pairwise

from trainvitals_server.diagnosis.criterion import labels
from trainvitals_server.diagnosis.feed import last_told, one_label_a_sample, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Batches of a single label",
    shows="Batches that hold one class only, though the output has several.",
    matters="Each batch pulls the network towards its own class and away from the others: it forgets as fast as it "
    "learns, and large steps follow.",
    todo="Shuffle: `DataLoader(..., shuffle=True)`.",
    source="Bengio 2012, Practical recommendations, section 3.1 (shuffling); Goodfellow et al. 2016, section 8.1.3",
    thresholds={
        "labels": Threshold(16, "of shuffled labels of three classes so many alike come about once in 10^7"),
        "classes": Threshold(3, "of two classes one may just be rare"),
        "share": Threshold(0.25, "a quarter of the batches: of two classes as well, where each is seen"),
        "looks": Threshold(4, "a share of fewer batches is none"),
        "errors": Threshold(3.0, "standard errors by which neighbours have the same label more often than by chance"),
        "balance": Threshold(0.1, "a class seen less often may be missing in a batch by chance"),
    },
    needs=("criterion",),
    by_definition=True,
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding. Of two classes one may just be rare, and pixels of one image are no shuffled batch."""
    if not one_label_a_sample(signals):
        return
    why = _first_batch(signals, thresholds) or _many_batches(signals, thresholds) or _two(signals, thresholds)
    if why is None:
        return
    step = int(signals.criterion.get("step", 0))
    causes: tuple[Cause, ...] = (Cause("single_label_batches", why, step),)
    if (order := _in_order(signals, thresholds)) is not None:
        # The order of the data is why.
        causes = (Cause("unshuffled_data", f"{why}; {order}", step), *causes)
    yield Finding(
        first_step=step,
        last_step=signals.step,
        threshold="several classes a batch",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=causes,
        remedy="Shuffle the data: DataLoader(..., shuffle=True), or a random permutation each epoch.",
        expect="Each batch holds all classes in about their proportions, and the loss falls without a sawtooth.",
        by_definition=True,
    )


def _first_batch(signals: Signals, thresholds: Thresholds) -> str | None:
    counts, classes = labels(signals.criterion), int(signals.criterion.get("classes") or 0)
    if len(counts) != 1 or classes < thresholds["classes"] or counts[0] < thresholds["labels"]:
        return None
    # Contrastive losses name the place of the match, the same each time, among scores that no layer gives.
    widths = {width for layer in signals.network.layers for width in (layer["output_shape"] or [])[1:]}
    if widths and classes not in widths:
        return None
    return f"all {counts[0]:g} labels of the first batch are of one class, of {classes}"


def _many_batches(signals: Signals, thresholds: Thresholds) -> str | None:
    """Many of all batches hold one label, though none of the two most frequent ones is rare."""
    known = last_told(signals, "labels")
    counts = sorted(known.get("label_counts", {}).values(), reverse=True)
    looks, single = known.get("looks", 0), known.get("single_label_batches", 0)
    if len(counts) < 2 or counts[1] < thresholds["balance"] * known["count"] or looks < thresholds["looks"]:
        return None
    if known["count"] < thresholds["labels"] * looks or single < thresholds["share"] * looks:
        return None
    return f"{single} of {looks} batches hold a single label, though {known['labels_seen']} were seen"


def _in_order(signals: Signals, thresholds: Thresholds) -> str | None:
    """Whether batches of one label come in stretches of the same label, as in sorted data.

    A sampler that draws a class for each batch gives the same one twice in a row as often as any other.
    """
    seen = [(step, batch) for step, batch in signals.once(training_batches) if batch.get("size", 0)]
    pairs = [(one, other) for (before, one), (after, other) in pairwise(seen) if after == before + 1]
    pairs = [pair for pair in pairs if all(batch.get("labels_distinct") == 1 for batch in pair)]
    hashes = {batch.get("target_hash") for pair in pairs for batch in pair}
    alike = sum(one.get("target_hash") == other.get("target_hash") for one, other in pairs)
    if len(hashes) < 2:
        return None
    chance = 1 / len(hashes)
    if alike < len(pairs) * chance + thresholds["errors"] * math.sqrt(len(pairs) * chance * (1 - chance)):
        return None
    return f"of {len(pairs)} batches of one label {alike} have that of the one before, as in sorted data"


def _two(signals: Signals, thresholds: Thresholds) -> str | None:
    """Batches of one label each, and not all of the same: of two classes too, where one is rare the other never fills.

    Targets that are all of one label have the same hash wherever the batch is as long.
    """
    found: dict[int, set[str]] = {}
    for _, batch in signals.once(training_batches):
        if batch.get("labels_distinct") == 1 and batch.get("size", 0) >= thresholds["labels"]:
            found.setdefault(batch["size"], set()).add(batch.get("target_hash") or "")
    most = max((len(hashes) for hashes in found.values()), default=0)
    return f"batches hold a single label each, {most} different ones so far" if most > 1 else None
