"""Class imbalance: one class is more than ten times as frequent as another, and the rare one is not recognised."""

from collections.abc import Iterator, Sequence

import numpy as np

from trainvitals_server.diagnosis.criterion import labels
from trainvitals_server.diagnosis.feed import last_told, one_label_a_sample
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.window import Window

RULE = Rule(
    title="Class imbalance",
    shows="How often each label occurs, and how often the rarest is recognised.",
    matters="Where one class is rare, always naming the frequent one scores well, and the network learns no more than "
    "that.",
    todo="Weight the classes in the loss or sample the rare one more often, and judge by recall of the rare class.",
    source="Japkowicz and Stephen 2002, The class imbalance problem",
    thresholds={
        "ratio": Threshold(10.0, "one in eleven: a constant answer is right in 91 % of cases"),
        "labels_a_class": Threshold(16, "where 16 labels are expected, at most one comes twice in 10^6 batches"),
        "missed": Threshold(0.05, "a recall of the rare class that is as good as none"),
        "recognised": Threshold(0.5, "a recall of the rare class that shows that it is learned"),
        "one_answer": Threshold(0.99, "share of the samples that are given to one class: always the same answer"),
        "shunned": Threshold(
            0.1,
            "rare answers beside rare labels: seen up to 0.10 in sick runs, from 0.82 in healthy ones, of both halves",
        ),
        "begun": Threshold(0.5, "half as many rare answers as rare labels at last: they begin to be recognised"),
        "on_its_way": Threshold(
            0.1, "a tenth of the loss gone in half as many steps again: something is being learned"
        ),
        "recent": Threshold(0.75, "a last look in the last quarter of the steps: earlier ones do not tell of now"),
        "looks": Threshold(3, "last looks that all show it"),
        "patience": Threshold(3.0, "warm-ups for which a loss that still falls is given time"),
        "rare": Threshold(8, "samples of the rare class of which none is recognised: chance would hit one"),
    },
    needs=("criterion",),
)
ROWS_SEEN = 256
"""Samples of a batch whose predictions are looked at, at most."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding; silent where the labels are too few to tell a rare class from chance, or it is learned.

    Its share alone needs harm. That the network always gives the frequent answer, long after the warm-up, does not.
    """
    known = last_told(signals, "labels")
    counts = labels(known) or labels(signals.criterion)
    if len(counts) < 2 or signals.loss.game or _weighted(signals):
        return
    if not one_label_a_sample(signals) and not _background(counts, thresholds):
        return
    enough = sum(counts) >= thresholds["labels_a_class"] * max(len(counts), int(signals.criterion.get("classes") or 0))
    ratio, recall = max(counts) / min(counts), signals.history("rare_class_recall").finite().last(1).values
    if not enough or ratio < thresholds["ratio"] or (len(recall) and recall[0] >= thresholds["recognised"]):
        return
    step = int(signals.criterion.get("step", 0))
    why = f"the most frequent label occurs {ratio:.3g} times as often as the rarest, {max(counts):g} to {min(counts):g}"
    one_each = one_label_a_sample(signals)
    missed = (_always_the_frequent if one_each else _calls_all_background)(signals, counts, thresholds)
    if missed:
        why = f"{why}, and hardly any of the rare ones is recognised"
    yield Finding(
        series="rare_class_recall" if len(recall) else None,
        first_step=step,
        last_step=signals.step,
        value=ratio,
        threshold=f"below {thresholds['ratio']:g} to 1",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("class_imbalance", why, step),),
        remedy="Give the loss weights (weight=, pos_weight=) of the inverse frequency, or use a WeightedRandomSampler.",
        expect="The recall of the rare class rises above that of chance, and its loss falls as well.",
        by_definition=missed,
        worst="warning" if missed or one_each else "note",
        blocking=True,
    )


def _always_the_frequent(signals: Signals, counts: Sequence[float], thresholds: Thresholds) -> bool:
    """Whether the last looks all give one answer, and the rare class is never recognised.

    The share of the classes is learned first, and the rare class later: while the loss falls it is given time.
    """
    recall = signals.history("rare_class_recall").finite()
    looks = int(thresholds["looks"])
    answers = signals.history("prediction_majority_fraction").finite().last(looks).values
    if signals.warming_up or min(counts) < thresholds["rare"] or len(recall) < looks or len(answers) < looks:
        return False
    waits = _may_yet(signals, thresholds)
    # Half of what the shares leave may have been learned since the last look.
    over = signals.ended and not _knows(signals, signals.loss.thresholds["stalled_share"])
    if recall.steps[-1] < signals.warm_up_steps or (waits and not over):
        return False
    settled = float(answers.min()) >= thresholds["one_answer"]
    missed = float(recall.last(looks).values.max()) <= thresholds["missed"]
    for_long = settled and (missed or _one_answer_for_long(signals, counts, thresholds))
    # Where time ran out a single rare answer at last may be the first of many.
    return for_long or (not waits and _shuns_the_rare(signals, counts, thresholds))


def _background(counts: Sequence[float], thresholds: Thresholds) -> bool:
    """Whether one label is ten times as frequent as all others together, as the background of an image or a text is.

    The long tail of a vocabulary has none.
    """
    return max(counts) >= thresholds["ratio"] * (sum(counts) - max(counts))


def _calls_all_background(signals: Signals, counts: Sequence[float], thresholds: Thresholds) -> bool:
    """Whether the places of an image or a text are all called background to this day, and the loss stays where it is.

    Their labels come by the thousand, within few steps: so they are given all their time, and a look tells much. Where
    that is over it does not matter whether the loss still fell.
    """
    answers, looks = signals.history("prediction_majority_fraction").finite(), int(thresholds["looks"])
    patience = 1.0 if signals.ended else thresholds["patience"]
    if signals.step < patience * signals.warm_up_steps or len(answers) < looks:
        return False
    rare, late = 1 - max(counts) / sum(counts), 1 - answers.last(looks).values
    shunned = float(late.mean() if signals.ended else late.max()) <= thresholds["shunned"] * rare
    recent = answers.steps[-1] >= thresholds["recent"] * signals.step
    return shunned and bool(recent) and (signals.ended or not _on_its_way(signals, thresholds))


def _may_yet(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the rare class may yet be learned: while the loss falls, but for what the shares of the classes bring."""
    young = signals.step < thresholds["patience"] * signals.warm_up_steps
    return young and ((signals.loss.falling and not _arrived(signals)) or _knows(signals))


def _knows(signals: Signals, share: float | None = None) -> bool:
    """Whether the loss is better than the shares of the classes alone would make it: inputs have begun to tell.

    Over the last half of the run: how many rare ones a batch holds is noise of its own.
    """
    loss = signals.loss
    if loss.windows is None or loss.chance is None:
        return False
    late = Window.of(loss.finite.last(len(loss.finite) // 2))
    return late.mean + 2 * late.error < (share or loss.thresholds["chance_share"]) * loss.chance


def _arrived(signals: Signals) -> bool:
    """Whether the fall ended at the entropy of the labels: the shares are learned, and nothing of the inputs."""
    loss = signals.loss
    if (
        loss.windows is None
        or loss.chance is None
        or signals.step < loss.thresholds["settling"] * signals.warm_up_steps
    ):
        return False
    (older, late), significance = loss.windows, loss.windowing["significance"]
    within = abs(late.mean - loss.chance) <= significance * late.error
    return within and not late.below(older, loss.windowing)


def _on_its_way(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether at its pace the loss falls on by a good part; true where that is not known."""
    loss = signals.loss
    if loss.windows is None:
        return True
    older, late = loss.windows
    fall = (older.mean - late.mean) / max(1, late.first_step - older.first_step)
    return fall * loss.thresholds["pace"] * signals.step >= thresholds["on_its_way"] * late.mean


def _shuns_the_rare(signals: Signals, counts: Sequence[float], thresholds: Thresholds) -> bool:
    """Whether rare labels came in number since the warm-up and rare answers hardly at all, to the end.

    Whatever was said before, and to a sample or two: which batches are looked at is chance.
    """
    answers = signals.history("prediction_majority_fraction").between(signals.warm_up_steps, signals.step)
    rare, looks = 1 - max(counts) / sum(counts), int(thresholds["looks"])
    late = 1 - answers.finite().values
    batch = int((signals.criterion.get("target_shape") or [0])[0])
    if len(late) < 2 * looks or len(late) * min(batch, ROWS_SEEN) * rare < thresholds["rare"]:
        return False
    few = float(late.mean()) <= thresholds["shunned"] * rare
    return few and float(late[-looks:].mean()) < thresholds["begun"] * rare


def _one_answer_for_long(signals: Signals, counts: Sequence[float], thresholds: Thresholds) -> bool:
    """Whether each sample got the same answer, after the warm-up or over so many that some were of the rare class.

    The recall is of the last 64 looks, the first ones of an untrained network with them.
    """
    answers, looks = signals.history("prediction_majority_fraction").finite(), int(thresholds["looks"])
    late = answers.between(signals.warm_up_steps, signals.step).values
    if len(late) >= 2 * looks and float(late.min()) >= 1:
        return True
    varied = np.flatnonzero(answers.values < 1)
    alike = answers.last(len(answers) - int(varied[-1]) - 1) if len(varied) else answers
    batch = int((signals.criterion.get("target_shape") or [0])[0])
    expected = len(alike) * min(batch, ROWS_SEEN) * min(counts) / sum(counts)
    return len(late) > 0 and len(alike) >= 2 * looks and expected >= thresholds["rare"]


def _weighted(signals: Signals) -> bool:
    """Whether the loss weights the classes already."""
    return bool(signals.criterion.get("weight_count") or signals.criterion.get("pos_weight_count"))
