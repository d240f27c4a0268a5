"""Loss at the start is off: the untrained network scores far worse than one that knows nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from trainvitals_server.diagnosis.criterion import ELEMENTWISE, Criterion
from trainvitals_server.diagnosis.feed import told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_form import chance_of_form
from trainvitals_server.diagnosis.network import RANDOM_TYPES, is_embedding
from trainvitals_server.diagnosis.output_bias import dominant_bias, output_biases
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.unmoved import cut_off
from trainvitals_wire.names import CRITERION_LOSS_KEY

RULE = Rule(
    title="Loss at the start is off",
    shows="The criterion's first value beside chance: the entropy of the labels, or the variance of the targets. Of a "
    "loss that is a function, which the gradient at the output tells, the loss of the targets that it holds; of a "
    "cross-entropy whose targets it does not tell, the first logged loss.",
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
    needs=("loss",),
)


@dataclass(frozen=True, slots=True)
class _Start:
    """The first loss of a known function, at which step, the level of chance it is held against, and its outputs."""

    step: int
    loss: float
    chance: float
    outputs: tuple[int, ...]
    elementwise: bool = False

    @property
    def factor(self) -> float:
        """How many times chance it is."""
        return self.loss / self.chance


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, from the value of a known function: a logged loss may be on another scale."""
    if signals.criterion and not signals.criterion.get("read_from"):
        start = _of_criterion(signals, thresholds)
    else:
        start = _of_reading(signals) or _of_function(signals)
    if start is None or start.factor < thresholds["scaled" if start.elementwise else "factor"] or cut_off(signals):
        return
    why = f"the first loss is {start.loss:.3g}, {start.factor:.3g} times the {start.chance:.3g} of chance"
    cause, remedy = (
        _unscaled(signals) if start.elementwise else ("loss_at_init", "Make the weights of the last layer smaller.")
    )
    head = None if start.elementwise else _wide_head(signals, start.outputs, thresholds["head"])
    shared = head is not None and _owners(signals, head[0]) > 1
    if head is not None:
        why = f"{why}: {head[0]} starts with std {head[1]:.2g}, {head[2]:.2g} times He's value"
        remedy = f"Start {head[0]} with its layer's default, or smaller weights."
    bias = None if head is not None else _great_bias(signals, start)
    if bias is not None:
        why = f"{why}: {bias[0]} starts with a root mean square of {bias[1]:.3g}"
        remedy = f"Start {bias[0]} at 0, or at the log of each class's share."
    if head is not None and shared:
        remedy = (
            f"Start {head[0]}, which is the embedding's as well as the output's, with a std of 0.02, as GPT-2 does."
        )
    yield Finding(
        series=signals.loss.key,
        first_step=start.step,
        last_step=signals.step,
        value=start.loss,
        threshold=f"chance is {start.chance:.3g}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause(cause, why, start.step),),
        remedy=remedy,
        expect=f"The first loss is close to {1 if cause == 'target_not_scaled' else start.chance:.3g}.",
        # A loss that starts far off may be that of a network trained on something else, and come down by itself; a
        # weight that is the embedding's too starts as embeddings do.
        by_definition=bias is not None or (head is not None and not shared),
        blocking=True,
    )


def _of_criterion(signals: Signals, thresholds: Thresholds) -> _Start | None:
    """The watched criterion's own first value."""
    seen, chance = signals.criterion, signals.loss.chance
    first = signals.history(CRITERION_LOSS_KEY).finite().first(1)
    if not len(first) or chance is None or first.steps[0] > seen.get("step", 0):
        return None
    # Positives that weigh many times more raise the level of chance itself.
    if (seen.get("pos_weight_max") or 1.0) > thresholds["pos_weight"]:
        return None
    # Who prefers no class scores ln C, however rare some of them are.
    chance = max(chance, signals.loss.untrained)
    return _Start(int(first.steps[0]), float(first.values[0]), chance, _outputs(seen), seen.get("type") in ELEMENTWISE)


def _of_reading(signals: Signals) -> _Start | None:
    """What the loss is of the targets that the gradient at the output tells, at the first step."""
    seen, chance = signals.criterion, signals.loss.chance
    if seen.get("value") is None or chance is None or seen.get("step", 0) > 0:
        return None
    chance = max(chance, signals.loss.untrained)
    return _Start(0, float(seen["value"]), chance, _outputs(seen), seen.get("type") in ELEMENTWISE)


def _outputs(seen: Criterion) -> tuple[int, ...]:
    width = (seen.get("output_shape") or [1])[-1]
    return int(seen.get("classes") or width), width


def _of_function(signals: Signals) -> _Start | None:
    """The first logged loss, where the gradient at the output tells that of a mean cross-entropy.

    It is at most the spread of the outputs above chance; what is more has another term in it.
    """
    first, chance = signals.logged_loss.finite().first(1), chance_of_form(signals)
    seen = next(iter(told(signals, "loss_gradient")), {})
    if chance is None or not len(first) or first.steps[0] > 0 or signals.facts("loss_gradient")[0]["step"] > 0:
        return None
    loss = float(first.values[0])
    if loss > seen.get("output_max", 0.0) - seen.get("output_min", 0.0) + chance:
        return None
    return _Start(0, loss, chance, (int(seen["outputs"]),))


def _wide_head(signals: Signals, outputs: tuple[int, ...], times: float) -> tuple[str, float, float] | None:
    """The output layer's weight where it starts much wider than any default: its name, its std, and how many times."""
    heads = [
        (w.name, w.fan_in) for w in signals.network.weights if w.layer_type in RANDOM_TYPES and w.shape[0] in outputs
    ]
    heads = heads or _by_hand(signals, outputs)
    if not heads:
        return None
    name, fan_in = heads[-1]
    std = signals.first("weight_std", name)
    factor = std / math.sqrt(2 / max(1, fan_in))
    return (name, std, factor) if factor > times else None


def _great_bias(signals: Signals, start: _Start) -> tuple[str, float] | None:
    """The bias that makes most of the first scores, and enough of them for such a loss: name and root mean square.

    No loss of classes lies further above chance than scores are apart; one that does is fed what it cannot take.
    """
    bias = None if start.elementwise else signals.once(dominant_bias)
    apart = 2 * math.sqrt(start.outputs[-1]) * bias[1] if bias is not None else 0.0
    return bias if start.loss - start.chance <= apart else None


def _by_hand(signals: Signals, outputs: tuple[int, ...]) -> list[tuple[str, int]]:
    """Matrices of a layer of the user's own at the end that have the outputs along one side, and the other side."""
    network = signals.network
    last = network.layers[network.output_place] if network.layers else None
    if last is None or last["type"] in RANDOM_TYPES or is_embedding(last):
        return []
    shapes = [(p["name"], p["shape"]) for p in last["parameters"] if len(p["shape"]) == 2]
    return [(name, math.prod(shape) // width) for name, shape in shapes for width in outputs[-1:] if width in shape]


def _owners(signals: Signals, name: str) -> int:
    return sum(any(p["name"] == name for p in layer["parameters"]) for layer in signals.network.layers)


def _unscaled(signals: Signals) -> tuple[str, str]:
    mean, std = signals.criterion.get("target_mean"), signals.criterion.get("target_std")
    if mean is not None and std is not None and max(abs(mean), std) < signals.thresholds["target_not_scaled"]["size"]:
        # Of targets of a usual size the outputs are too large.
        return "loss_at_init", _offset(signals, mean) or "Make the weights of the last layer smaller."
    return "target_not_scaled", f"Train on (target - {mean or 0.0:.4g}) / {std or 1.0:.4g}, and undo it in the answer."


def _offset(signals: Signals, wanted: float) -> str:
    """What to do where the output layer's bias is most of what separates outputs from targets; nothing where not."""
    first = signals.history("output_mean").finite().first(1).values
    if not len(first):
        return ""
    apart = abs(float(first[0]) - wanted)
    name = next((name for name, size in signals.once(output_biases) if 0.5 * apart < size < 2 * apart), None)
    return (
        f"Start {name} at {wanted:.2g}, the mean of the targets: the outputs start at {first[0]:.3g}." if name else ""
    )
