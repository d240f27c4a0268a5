"""Loss at the start is off: the untrained network scores far worse than one that knows nothing."""

import math
from collections.abc import Iterator

from trainvitals_server.diagnosis.criterion import ELEMENTWISE
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import RANDOM_TYPES
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import CRITERION_LOSS_KEY

RULE = Rule(
    title="Loss at the start is off",
    shows="The criterion's first value beside chance: the entropy of the labels, or the variance of the targets.",
    matters="The first updates are spent on undoing an output that is confidently wrong, and may ruin the rest.",
    todo="Start the last layer with small weights and its bias at the prior; scale the targets of a "
    "regression to mean 0 and std 1.",
    source="Karpathy, A Recipe for Training Neural Networks (verify loss at init)",
    thresholds={
        "factor": Threshold(3.0, "default initialisations start within 1.3 times chance; this is confidently wrong"),
        "pos_weight": Threshold(2.0, "a greater weight of the positives moves chance beyond what is told here"),
        "scaled": Threshold(10.0, "a squared error of so many variances is one of scale, not of the first guess"),
        "head": Threshold(4.0, "as high of initialisation: an output layer so many times He's value was not meant"),
    },
    needs=("criterion", "criterion_loss"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, from the criterion's own value: a logged loss may be on another scale."""
    first, chance = signals.history(CRITERION_LOSS_KEY).finite().first(1), signals.loss.chance
    if not signals.criterion or not len(first) or chance is None or first.steps[0] > signals.criterion.get("step", 0):
        return
    # Positives that weigh many times more raise the level of chance itself.
    if (signals.criterion.get("pos_weight_max") or 1.0) > thresholds["pos_weight"]:
        return
    # Who prefers no class scores ln C, however rare some of them are.
    chance = max(chance, signals.loss.untrained)
    factor = float(first.values[0]) / chance
    regression = signals.criterion.get("type") in ELEMENTWISE
    if factor < (thresholds["scaled"] if regression else thresholds["factor"]):
        return
    step, start = int(first.steps[0]), float(first.values[0])
    why = f"the first loss is {start:.3g}, {factor:.3g} times the {chance:.3g} of chance"
    cause, remedy = (
        _unscaled(signals) if regression else ("loss_at_init", "Make the weights of the last layer smaller.")
    )
    head = None if regression else _wide_head(signals, thresholds["head"])
    if head is not None:
        why = f"{why}: {head[0]} starts with std {head[1]:.2g}, {head[2]:.2g} times He's value"
        remedy = f"Start {head[0]} with its layer's default, or smaller weights."
    yield Finding(
        series=signals.loss.key,
        first_step=step,
        last_step=signals.step,
        value=start,
        threshold=f"chance is {chance:.3g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause(cause, why, step),),
        remedy=remedy,
        expect=f"The first loss is close to {chance:.3g}.",
        # A loss that starts far off may be that of a network trained on something else, and come down by itself.
        by_definition=head is not None,
        blocking=True,
    )


def _wide_head(signals: Signals, times: float) -> tuple[str, float, float] | None:
    """The output layer's weight where it starts much wider than any default: its name, its std, and how many times."""
    shape = signals.criterion.get("output_shape") or [1]
    outputs = int(signals.criterion.get("classes") or shape[-1])
    heads = [w for w in signals.network.weights if w.layer_type in RANDOM_TYPES and w.shape[0] in (outputs, shape[-1])]
    # A weight that is the embedding's too starts as embeddings do.
    if not heads or _owners(signals, heads[-1].name) > 1:
        return None
    std = signals.first("weight_std", heads[-1].name)
    factor = std / math.sqrt(2 / max(1, heads[-1].fan_in))
    return (heads[-1].name, std, factor) if factor > times else None


def _owners(signals: Signals, name: str) -> int:
    return sum(any(p["name"] == name for p in layer["parameters"]) for layer in signals.network.layers)


def _unscaled(signals: Signals) -> tuple[str, str]:
    mean, std = signals.criterion.get("target_mean"), signals.criterion.get("target_std")
    if mean is not None and std is not None and max(abs(mean), std) < signals.thresholds["target_not_scaled"]["size"]:
        # Of targets of a usual size the outputs are too large.
        return "loss_at_init", "Make the weights of the last layer smaller."
    return "target_not_scaled", f"Train on (target - {mean or 0.0:.3g}) / {std or 1.0:.3g}, and undo it in the answer."
