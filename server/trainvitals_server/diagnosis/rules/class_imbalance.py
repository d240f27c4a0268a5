"""Class imbalance: one class is more than ten times as frequent as another."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.criterion import labels
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Class imbalance",
    shows="How often each label occurs in the first batch.",
    matters="Where one class is rare, always naming the frequent one scores well, and the network learns no more than "
    "that.",
    todo="Weight the classes in the loss or sample the rare one more often, and judge by recall of the rare class.",
    source="Japkowicz and Stephen 2002, The class imbalance problem",
    thresholds={
        "ratio": Threshold(10.0, "one in eleven: a constant answer is right in 91 % of cases"),
        "labels_a_class": Threshold(16, "where 16 labels are expected, at most one comes twice in 10^6 batches"),
    },
    needs=("criterion",),
)
MATRIX_AXES = 2


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding; silent where the batch is too small to tell a rare class from chance."""
    counts = labels(signals.criterion)
    if len(counts) < 2 or signals.loss.game or _many_labels_a_sample(signals):
        return
    enough = sum(counts) >= thresholds["labels_a_class"] * max(len(counts), int(signals.criterion.get("classes") or 0))
    ratio = max(counts) / min(counts)
    if not enough or ratio < thresholds["ratio"]:
        return
    step = int(signals.criterion.get("step", 0))
    why = f"the most frequent label occurs {ratio:.3g} times as often as the rarest, {max(counts):g} to {min(counts):g}"
    yield Finding(
        first_step=step,
        last_step=signals.step,
        value=ratio,
        threshold=f"below {thresholds['ratio']:g} to 1",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("class_imbalance", why, step),),
        remedy="Give the loss weights (weight=, pos_weight=) of the inverse frequency, or use a WeightedRandomSampler.",
        expect="The loss of the rare class falls below chance as well.",
        blocking=True,
    )


def _many_labels_a_sample(signals: Signals) -> bool:
    """Each sample of a multi-label problem has mostly zeros, which is no imbalance."""
    shape = signals.criterion.get("target_shape") or []
    return len(shape) >= MATRIX_AXES and shape[1] > 1
