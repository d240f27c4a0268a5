"""Unshuffled data: batches come in the order of their labels or targets."""

import itertools
from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.feed import Details, one_label_a_sample, told, training_batches
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.sawtooth import sawtooth
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Data not shuffled",
    shows="How many labels a batch holds beside what shuffling would give, whether labels or targets rise from batch "
    "to batch, and whether the same batches come back in the same order.",
    matters="Each batch pulls the network towards its own part of the data, and away from the others: the loss goes up "
    "and down with the place in the epoch, and the last part seen is learned best.",
    todo="Shuffle: `DataLoader(..., shuffle=True)`, or a random permutation each epoch.",
    source="Bengio 2012, Practical recommendations, section 3.1 (shuffling); Fisher's F of batch means",
    thresholds={
        "labels_share": Threshold(0.5, "a batch that holds half of the labels that shuffling would give it"),
        "labels_expected": Threshold(1.5, "batches that would hold about one label in any order show none"),
        "intervals": Threshold(4, "stretches of looks whose labels only rise: by chance once in 24 of as many classes"),
        "labels_seen": Threshold(3, "fewer labels have no order to speak of"),
        "looks": Threshold(16, "consecutive batches whose targets rise or fall: by chance once in 2^14"),
        "skipped": Threshold(4, "looks that a busy machine may leave out in a row: the order stays what it is"),
        "within": Threshold(
            0.3, "a batch of so small a share of the targets' spread is a slice of them; F is above 10"
        ),
        "monotone": Threshold(0.9, "share of steps in one direction, an epoch's end apart"),
        "passes": Threshold(2, "epochs in the same order"),
        "f": Threshold(5.0, "Fisher's F of the loss by its place in the epoch; by chance below 2 from 8 places on"),
        "explained": Threshold(0.5, "share of the loss's variance that the place in the epoch explains"),
        "smooth": Threshold(0.5, "neighbouring batches are alike; of data shuffled once they are not"),
        "height": Threshold(0.2, "height of the wave as a share of the first loss"),
    },
    needs=("batch or loss",),
)


PERIODS_LOOKED_AT = 4
"""Batches looked at in a place of the epoch that had been looked at before: one may lie beside it."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding where batches are slices of the sorted data; a note where only their order never changes."""
    found = _sorted_labels(signals, thresholds) or _sorted_targets(signals, thresholds) or _wave(signals, thresholds)
    if found is None:
        period = _period(signals, thresholds)
        if period is not None:
            why = f"the same batches come back in the same order every {period} steps"
            yield _finding(signals, why, by_definition=False)
        return
    yield _finding(signals, found, by_definition=True)


def _finding(signals: Signals, why: str, by_definition: bool) -> Finding:
    step = next((step for step, _ in signals.once(training_batches)), 0)
    return Finding(
        first_step=step,
        last_step=signals.step,
        threshold="a random order each epoch",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("unshuffled_data", why, step),),
        remedy="Shuffle the data: DataLoader(..., shuffle=True), or a random permutation each epoch.",
        expect="Each batch is a fair sample of the data, and the loss falls without a sawtooth.",
        worst="warning" if by_definition else "note",
        by_definition=by_definition,
        aspect="" if by_definition else "order",
    )


def _sorted_labels(signals: Signals, thresholds: Thresholds) -> str | None:
    """Batches of few labels that come in the order of the labels. An episodic sampler has few too, in no order."""
    facts = told(signals, "labels")
    if not facts or not one_label_a_sample(signals):
        return None
    now = facts[-1]
    if now.get("labels_seen", 0) < thresholds["labels_seen"] or not _few(
        now, thresholds["labels_share"], thresholds["labels_expected"]
    ):
        return None
    spans = _spans(facts)
    rising = _longest(spans, rising=True), _longest(spans, rising=False)
    if max(rising) < thresholds["intervals"]:
        return None
    return (
        f"a batch holds {now['distinct_mean']:.2g} labels, shuffling would give {now['distinct_expected']:.2g}, and "
        f"they come in the order of the labels"
    )


def _few(now: Details, share: float, several: float) -> bool:
    expected, found = now.get("distinct_expected", 0.0), now.get("distinct_mean", 0.0)
    return bool(expected > several and found - 1 <= share * (expected - 1))


def _spans(facts: tuple[Details, ...]) -> list[tuple[int, int]]:
    """Least and greatest label of the looks between one fact and the next, which is told at look 1, 2, 4, 8, ..."""
    found, before = [], dict[str, int]()
    for fact in facts:
        counts = fact["label_counts"]
        new = [int(label) for label, count in counts.items() if count > before.get(label, 0)]
        before = counts
        if new:
            found.append((min(new), max(new)))
    return found


def _longest(spans: list[tuple[int, int]], rising: bool) -> int:
    """How many stretches in a row, from the first, hold no label below (above) those of the one before."""
    count, labels = 1, 1
    for (low, high), (next_low, next_high) in itertools.pairwise(spans):
        if not (next_low >= high if rising else next_high <= low):
            break
        count += 1
        labels += (low, high) != (next_low, next_high)
    # The same label all the while has no order.
    return count if labels > 2 else 0


def _sorted_targets(signals: Signals, thresholds: Thresholds) -> str | None:
    """Successive batches whose targets rise or fall, each a narrow slice of their whole range."""
    mean, std = signals.history("target_mean").finite(), signals.history("target_std").finite()
    if len(mean) < thresholds["looks"] or len(mean) != len(std) or (mean.steps != std.steps).any():
        return None
    # The first looks are at batches in a row, or, with log_freq, at each so many; a busy machine leaves some out.
    gaps = np.diff(mean.steps)
    near = gaps <= thresholds["skipped"] * gaps.min()
    dense = int(near.sum()) + 1
    within, between = float(np.sqrt((std.values**2).mean())), float(mean.values.std())
    spread = float(np.hypot(between, within))
    if dense < thresholds["looks"] or not spread or within > thresholds["within"] * spread:
        return None
    steps = np.diff(mean.values)[near]
    # Where an epoch ends, the order begins anew.
    steps = steps[np.abs(steps) < np.ptp(mean.values) / 2]
    if len(steps) < thresholds["looks"] / 2:
        return None
    share = max(float((steps >= 0).mean()), float((steps <= 0).mean()))
    if share < thresholds["monotone"] or share == float((steps == 0).mean()):
        return None
    return (
        f"the targets of a batch spread over {within / spread:.1%} of what they do over {dense} batches, and rise or "
        f"fall from batch to batch"
    )


def _wave(signals: Signals, thresholds: Thresholds) -> str | None:
    """A loss that goes up and down with the epoch, the only sign where labels and targets are not seen."""
    seen = signals.facts("labels") or signals.facts("target")
    wave = signals.once(sawtooth) if not (seen or signals.warming_up or signals.loss.game) else None
    if wave is None or wave.f < thresholds["f"] or wave.explained < thresholds["explained"]:
        return None
    if wave.smooth < thresholds["smooth"] or wave.height < thresholds["height"]:
        return None
    if not _comes_back(signals, wave.period):
        return None
    return (
        f"the loss goes up and down every {wave.period} steps: the place in the epoch explains {wave.explained:.0%} of "
        f"its variance (F {wave.f:.0f})"
    )


def _comes_back(signals: Signals, period: int) -> bool:
    """Whether a batch was ever seen again, where several were looked at a period or more after another.

    A loss that goes up and down without that has another clock: a target network, or the rounds of an agent.
    """
    batches = signals.once(training_batches)
    at, places = {step for step, _ in batches}, {step % period for step, _ in batches}
    looked = len(at) - len(places) >= PERIODS_LOOKED_AT
    return not looked or any(batch.get("input_seen_step") is not None for _, batch in batches)


def _period(signals: Signals, thresholds: Thresholds) -> int | None:
    """After how many steps each batch came back, where it is always the same and more than one; None otherwise."""
    found = [
        step - batch["input_seen_step"]
        for step, batch in signals.once(training_batches)
        if batch.get("input_seen_step") is not None
    ]
    if not found or len(set(found)) > 1 or found[0] < 2 or len(found) < thresholds["passes"] * 4:
        return None
    return int(found[0])
