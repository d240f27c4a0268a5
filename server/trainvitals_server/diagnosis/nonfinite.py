"""What the place of the first non-finite value, and what came before it, say about its cause."""

from collections.abc import Mapping

import numpy as np

from trainvitals_server.diagnosis.finding import Cause
from trainvitals_server.diagnosis.forensics import first_move, grew, odd_batch, rate_leap
from trainvitals_server.diagnosis.outbreak import Outbreak, outbreak
from trainvitals_server.diagnosis.precision import epsilon_lost
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio
from trainvitals_wire.names import CRITERION_LOSS_KEY

__all__ = ["Outbreak", "causes", "outbreak"]

STABLE_LOSSES = frozenset(
    {
        *("CrossEntropyLoss", "NLLLoss", "BCEWithLogitsLoss", "BCELoss", "MultiLabelSoftMarginLoss"),
        *("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "HingeEmbeddingLoss", "MultiMarginLoss", "SoftMarginLoss"),
    }
)
"""Losses of torch that are finite for every finite output (BCELoss clamps its logarithm at -100)."""

SOUND_LAYERS = frozenset(
    {
        *("Linear", "Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "Embedding"),
        *("ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid", "Flatten", "Dropout", "Identity"),
        *("LayerNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "RNN", "LSTM", "GRU"),
    }
)
"""Layers of torch that turn finite inputs of a usual size into finite outputs, while their weights are finite."""


def causes(signals: Signals, first: Outbreak, thresholds: Mapping[str, float]) -> tuple[Cause, ...]:
    """The likely causes with what speaks for each, likeliest first, and the bare fact with what moved first."""
    fact = Cause("non_finite", _story(signals, first), first.step)
    if first.where == "input":
        why = f"an input of step {first.step} is not finite{first.element}"
        return Cause("non_finite_input", why, first.step), fact
    if first.where == "weight" and first.step == 0:
        why = f"{first.series} is not finite before the first update{first.element}"
        return Cause("bad_initialisation", why, first.step), fact
    if (bad_target := _bad_target(signals, first)) is not None:
        return Cause("non_finite_input", bad_target, first.step), fact
    if (grown := _overflow(signals, first, thresholds)) is not None:
        return grown, fact
    if (unsound := _loss_itself(signals, first, thresholds)) is not None:
        return unsound, fact
    if (growth := _growth(signals, first.step, thresholds)) is not None:
        recurrent_late = signals.network.recurrent and first.step >= thresholds["early_steps"]
        kind = "exploding_gradient" if recurrent_late else "learning_rate_too_high"
        return Cause(kind, growth, max(0, first.step - 1)), fact
    if first.where == "activation":
        return *_forward_causes(signals, first), fact
    if first.where == "loss":
        return *_loss_causes(signals, first), fact
    return *_backward_causes(signals, first), fact


def _story(signals: Signals, first: Outbreak) -> str:
    """That it happened, and what moved before it."""
    since = f"NaN or infinity since step {first.step}"
    move = first_move(signals, first.step - 1)
    told = f"{since}; the first to move was {move.words}" if move is not None else f"{since}; nothing moved before it"
    odd = odd_batch(signals, first.step)
    return f"{told}; {odd}" if odd else told


def _bad_target(signals: Signals, first: Outbreak) -> str | None:
    """Whether the targets of the step are not finite, while the layers are.

    What the network makes itself, as the other half of a siamese one does, is no target: it breaks with the weights.
    """
    if signals.criterion.get("target_requires_grad"):
        return None
    at = signals.history("target_mean").between(first.step, first.step)
    if first.where == "loss" and len(at) and not np.isfinite(at.values[0]):
        return f"the targets of step {first.step} are not finite, all layers are"
    counts = _on_the_spot(signals, first.step)
    # Targets alone break the weights, and the output with them, a step later.
    if counts.get("target") and (counts.get("input") or not counts.get("output")):
        return f"{counts['target']} of the targets of step {first.step} are not finite"
    before, after = _targets_missed(signals, 0, first.step), _targets_missed(signals, first.step, signals.step + 1)
    if first.where in ("loss", "gradient") and before == 0 and after:
        return f"all layers are finite at step {first.step}, but {after} of the targets looked at since are not"
    return None


def _on_the_spot(signals: Signals, step: int) -> dict[str, int]:
    """How many elements of a batch's `input`, `output` and `target` were not finite when its loss was not."""
    told = (fact for fact in signals.facts("nonfinite") if fact.get("where") == "loss" and fact["step"] == step)
    return next((found for fact in told if (found := (fact.get("details") or {}).get("nonfinite"))), {})


def _targets_missed(signals: Signals, since: int, before: int) -> int | None:
    """How many targets were not finite until the last look of a stretch; None where that is not known.

    Only finite targets are counted, of which there must be as many as there are samples and units.
    """
    looked = {fact["step"]: fact["details"] for fact in signals.facts("input") if not fact.get("owner")}
    for fact in reversed(signals.facts("target")):
        target, fed = fact["details"], looked.get(fact["step"], {})
        if fact.get("owner") or not since <= fact["step"] < before or target.get("looks") != fed.get("looks", 0):
            continue
        if target.get("units") and target.get("count") and fed.get("rows"):
            return int(fed["rows"]) * int(target["units"]) - int(target["count"])
    return None


def _overflow(signals: Signals, first: Outbreak, thresholds: Mapping[str, float]) -> Cause | None:
    """Whether values had grown from layer to layer in that very step, so that they overflowed."""
    if first.where not in ("activation", "loss"):
        return None
    until = signals.network.place(first.layer) if first.layer else len(signals.network.layers)
    for layer in signals.network.layers[:until][::-1]:
        for statistic in ("activation_absmax", "activation_std"):
            at = signals.of(statistic, layer["name"]).between(first.step, first.step).finite()
            if len(at) and at.values[0] > thresholds["overflowing"]:
                why = f"values had grown to {at.values[0]:.2g} in {layer['name']} of step {first.step} already"
                if _growth(signals, first.step, thresholds) is not None:
                    return None
                return Cause("exploding_activation", why, first.step)
    return None


def _watched(signals: Signals) -> str:
    """The type of the criterion: of one that the gradient tells nothing is known of the code that computes it."""
    return "" if signals.criterion.get("read_from") else str(signals.criterion.get("type", ""))


def _loss_itself(signals: Signals, first: Outbreak, thresholds: Mapping[str, float]) -> Cause | None:
    """Whether the outputs of that very step are of a size of which a sound loss is finite, however they came there.

    Where nobody looked at the step, a later one does as well: NaN weights would have made the outputs NaN by then.
    """
    layers = signals.network.layers
    if first.where != "loss" or _watched(signals) in STABLE_LOSSES or not layers:
        return None
    outputs = signals.of("activation_absmax", layers[signals.network.output_place]["name"])
    looked = outputs.between(first.step, first.step if first.sampled else signals.step)
    looked, loss = looked.beside(signals.history(first.series or signals.loss.key))
    broken = np.flatnonzero(~np.isfinite(loss.values))
    if not len(broken) or not looked.values[broken[0]] <= thresholds["moderate"]:
        return None
    step, largest = int(looked.steps[broken[0]]), looked.values[broken[0]]
    why = f"the outputs of step {step} are finite and no larger than {largest:.3g}, the loss of them is not"
    return Cause("unstable_loss", f"{why}: as of log(0) where a probability has become exactly 0 or 1", first.step)


def _forward_causes(signals: Signals, first: Outbreak) -> tuple[Cause, ...]:
    """A layer made it of finite values, or its input was not finite: the first layer has to be told from the others."""
    place = signals.network.place(first.layer)
    kind = signals.network.layers[place]["type"] if place < len(signals.network.layers) else ""
    sound = kind in SOUND_LAYERS
    if place == 0:
        seen = bool(signals.facts("input"))
        if sound and not seen:
            why = (
                f"{first.layer}, the first layer, is not finite at step {first.step}{first.element}, and a {kind} with "
            )
            return (Cause("non_finite_input", f"{why}finite weights makes no NaN of a finite input", first.step),)
        why = f"{first.layer} ({kind}), the first layer, is not finite at step {first.step}{first.element}"
        made = Cause("unstable_layer", f"{why}{', its input is' if seen else ''}", first.step)
        other = Cause("non_finite_input", f"{why}: or its input is not", first.step)
        return (made,) if seen else (made, other)
    before = signals.network.layers[place - 1]["name"] if place <= len(signals.network.layers) else ""
    why = (
        f"{first.layer} is the first layer that is not finite, at step {first.step}{first.element}; those before it are"
    )
    between = f": what lies between {before} and {first.layer} made it" if sound and before else ""
    return (Cause("unstable_layer", f"{why}{between}", first.step),)


def _loss_causes(signals: Signals, first: Outbreak) -> tuple[Cause, ...]:
    """The loss itself, where the layers were seen to be finite; else what its value and its kind allow."""
    if first.sampled:
        why = f"all layers are finite at step {first.step}, the loss is not: it arises in the loss itself"
        return (Cause("unstable_loss", why, first.step),)
    counts = _on_the_spot(signals, first.step)
    own = signals.history(CRITERION_LOSS_KEY).between(first.step, first.step).values
    if len(own) and np.isfinite(own[0]) and first.series != CRITERION_LOSS_KEY:
        why = f"the criterion gave {own[0]:.3g} at step {first.step}: what is added to it is not finite"
        return (Cause("unstable_loss", why, first.step),)
    if counts.get("output") == 0:
        why = f"outputs and targets of step {first.step} are finite, the loss is not: it arises in the loss itself"
        return (Cause("unstable_loss", why, first.step),)
    quiet = f"nothing had grown before step {first.step}, at which the layers were not sampled"
    at = signals.history(first.series or signals.loss.key).between(first.step, first.step).values
    infinite = bool(len(at)) and bool(np.isinf(at[0]))
    loss = Cause("unstable_loss", f"{quiet}{': the loss is infinite, as of log(0)' if infinite else ''}", first.step)
    kind = _watched(signals)
    if counts.get("input") == 0:
        why = f"{quiet}; the input of that step is finite"
        if "output" in counts:
            return (Cause("unstable_layer", f"{why}, the output is not: a layer made it", first.step),)
        return loss, Cause("unstable_layer", why, first.step)
    if kind in STABLE_LOSSES and not infinite:
        why = f"{quiet}; {kind} is finite for finite outputs: one batch brought it"
        return Cause("non_finite_input", why, first.step), Cause("unstable_layer", quiet, first.step)
    return loss, Cause("non_finite_input", f"{quiet}: the batch of that step may hold a NaN", first.step)


def _backward_causes(signals: Signals, first: Outbreak) -> tuple[Cause, ...]:
    last = signals.network.weights[-1].layer if signals.network.weights else None
    if first.where == "weight":
        if (lost := epsilon_lost(signals)) is not None:
            why = f"the weights are not finite before step {first.step}, while all gradients seen before were: {lost}"
            return (Cause("precision_underflow", why, first.step),)
        stable = _watched(signals) in STABLE_LOSSES
        why = f"the weights are not finite before step {first.step}, so that a gradient was not, while the loss was"
        told = Cause("unstable_loss", why, first.step), Cause("unstable_layer", why, first.step)
        return told[::-1] if stable else told
    if first.layer is None or first.layer == last:
        why = f"loss and layers are finite at step {first.step}, the gradient of the last layer is not{first.element}"
        return (Cause("unstable_loss", why, first.step),)
    why = f"the gradient is finite down to the layers after {first.layer}, and not from there on, at step {first.step}"
    return (Cause("unstable_layer", f"{why}{first.element}", first.step),)


def _growth(signals: Signals, step: int, thresholds: Mapping[str, float]) -> str | None:
    """Whether values grew towards the outbreak: the sign of a learning rate too high, not of a bad log or batch."""
    since, factor = max(0, step - int(thresholds["growth_steps"])), thresholds["growth"]
    if (leap := rate_leap(signals, since, step)) is not None:
        return f"the learning rate leapt from {leap[1]:.3g} to {leap[2]:.3g} at step {leap[0]}"
    ratio = network_ratio(signals)
    wild = ratio.between(since, step - 1).finite().values
    if len(wild) and wild.max() > thresholds["wild_ratio"]:
        return f"updates reached {wild.max():.2g} of the weights in the steps before"
    if (found := grew(ratio, since, step, factor)) is not None and found[1] > signals.thresholds["update_ratio"][
        "high"
    ]:
        return f"the update ratio rose from {found[0]:.2g} to {found[1]:.2g} in the {step - since} steps before"
    known = {"the gradient norm": signals.history("gradient_norm_total"), "the loss": signals.loss.history}
    known |= {f"the std of {x['name']}": signals.of("activation_std", x["name"]) for x in signals.network.hidden}
    for name, history in known.items():
        start = history.finite().first(1).values
        # What only comes back to where it began, from a quiet stretch, blows nothing up.
        if (found := grew(history, since, step, factor)) is not None and found[1] > abs(start[0]):
            return f"{name} rose from {found[0]:.2g} to {found[1]:.2g} in the {step - since} steps before"
    return None
