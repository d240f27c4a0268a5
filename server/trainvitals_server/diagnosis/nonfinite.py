"""Where non-finite values broke out first, and what that says about the cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainvitals_server.diagnosis.finding import Cause
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio
from trainvitals_wire.names import series_key

Where = Literal["input", "activation", "loss", "gradient"]
LAYER_STATISTICS = ("activation_std", "activation_mean")


@dataclass(frozen=True, slots=True)
class Outbreak:
    """The first step with a non-finite value, and the first place in the order input, activation, loss, gradient.

    `lasting` is whether the run is still not finite; `entry` whether the layer is the first of the network; `sampled`
    whether the layers were looked at in that very step.
    """

    step: int
    where: Where
    layer: str | None
    series: str | None
    lasting: bool
    entry: bool = False
    sampled: bool = True


def outbreak(signals: Signals) -> Outbreak | None:
    """The first outbreak that matters.

    Infinities that a mask puts into an activation while loss and gradient stay finite are none, nor are gradients of
    steps that a GradScaler skipped.
    """
    loss, total = signals.loss.history, signals.history("gradient_norm_total")
    bad_loss, bad_gradient = _first_bad(loss), _first_bad(total)
    if bad_loss is None and (bad_gradient is None or _recovers(total)):
        return None
    step = min(found for found in (bad_loss, bad_gradient) if found is not None)
    lasting = not all(np.isfinite(history.values[-1]) for history in (loss, total) if len(history))
    if bad_input := [fact["step"] for fact in signals.facts("nonfinite") if fact.get("where") == "input"]:
        return Outbreak(min(step, *bad_input), "input", _first_layer(signals), None, lasting)
    if (found := _bad_layer(signals, step)) is not None:
        layer, series, entry = found
        return Outbreak(step, "activation", layer, series, lasting, entry)
    if bad_loss == step:
        return Outbreak(step, "loss", None, signals.loss.key, lasting, sampled=_sampled(signals, step))
    weight = _bad_weight(signals, step)
    series = series_key("gradient_norm", weight[1]) if weight else "gradient_norm_total"
    return Outbreak(step, "gradient", weight[0] if weight else None, series, lasting)


def _first_bad(history: History) -> int | None:
    bad = np.flatnonzero(~np.isfinite(history.values))
    return int(history.steps[bad[0]]) if len(bad) else None


def _recovers(total: History) -> bool:
    """Whether the gradient is finite again: a GradScaler skips such steps, and training goes on."""
    return bool(np.isfinite(total.values[-3:]).any())


def _bad_layer(signals: Signals, step: int) -> tuple[str, str, bool] | None:
    """The first layer in forward order whose output was not finite at the step itself."""
    for place, layer in enumerate(signals.network.layers):
        for statistic in LAYER_STATISTICS:
            at = signals.of(statistic, layer["name"]).between(step, step)
            if len(at) and not np.isfinite(at.values[0]):
                return layer["name"], series_key(statistic, layer["name"]), place == 0
        count = signals.of("nonfinite_count", layer["name"]).between(step, step)
        if len(count) and count.values[0] > 0:
            return layer["name"], series_key("nonfinite_count", layer["name"]), place == 0
    for fact in sorted(signals.facts("nonfinite"), key=lambda fact: signals.network.place(fact.get("owner"))):
        if fact["step"] == step and fact.get("where") in ("activation", "layer") and fact.get("owner"):
            owner = fact["owner"]
            return owner, series_key("activation_std", owner), signals.network.place(owner) == 0
    return None


def _sampled(signals: Signals, step: int) -> bool:
    owners = signals.owners("activation_std")
    return any(len(signals.of("activation_std", owner).between(step, step)) for owner in owners)


def _bad_weight(signals: Signals, step: int) -> tuple[str, str] | None:
    """Layer and name of the first weight in backward order whose gradient was not finite at the step."""
    for weight in reversed(signals.network.weights):
        at = signals.of("gradient_norm", weight.name).between(step, step)
        if len(at) and not np.isfinite(at.values[0]):
            return weight.layer, weight.name
    return None


def _first_layer(signals: Signals) -> str | None:
    return signals.network.layers[0]["name"] if signals.network.layers else None


def causes(signals: Signals, first: Outbreak, thresholds: Mapping[str, float]) -> tuple[Cause, ...]:
    """The likely cause with what speaks for it, and the bare fact behind it."""
    fact = Cause("non_finite", f"NaN or infinity since step {first.step}", first.step)
    grown = _growth(signals, first.step, thresholds)
    if first.where == "input":
        return Cause("non_finite_input", f"an input of step {first.step} is not finite", first.step), fact
    if grown is not None:
        recurrent_late = signals.network.recurrent and first.step >= thresholds["early_steps"]
        kind = "exploding_gradient" if recurrent_late else "learning_rate_too_high"
        return Cause(kind, grown, max(0, first.step - 1)), fact
    if first.where == "activation":
        return _forward_cause(first), fact
    if first.where == "loss":
        why = (
            f"all layers are finite at step {first.step}, the loss is not: it arises in the loss itself"
            if first.sampled
            else f"nothing had grown before step {first.step}, at which the layers were not sampled"
        )
        return Cause("unstable_loss", why, first.step), fact
    return _backward_cause(signals, first), fact


def _forward_cause(first: Outbreak) -> Cause:
    if first.entry:
        why = f"the first layer, {first.layer}, is not finite at step {first.step}, its weights were: the input is not"
        return Cause("non_finite_input", why, first.step)
    why = f"{first.layer} is the first layer that is not finite, at step {first.step}; those before it are"
    return Cause("unstable_layer", why, first.step)


def _backward_cause(signals: Signals, first: Outbreak) -> Cause:
    last = signals.network.weights[-1].layer if signals.network.weights else None
    if first.layer is None or first.layer == last:
        why = f"loss and layers are finite at step {first.step}, the gradient of the last layer is not"
        return Cause("unstable_loss", why, first.step)
    why = f"the gradient is finite down to the layers after {first.layer}, and not from there on, at step {first.step}"
    return Cause("unstable_layer", why, first.step)


def _growth(signals: Signals, step: int, thresholds: Mapping[str, float]) -> str | None:
    """Whether values grew towards the outbreak: the sign of a learning rate too high, not of a bad log or batch."""
    since = max(0, step - int(thresholds["growth_steps"]))
    rate = signals.learning_rate.between(since, step).values
    if len(rate) and rate.max() > thresholds["growth"] * rate[0] > 0:
        return f"the learning rate rose from {rate[0]:.3g} to {rate.max():.3g} in the steps before"
    ratio = network_ratio(signals).between(since, step - 1).finite()
    if len(ratio) and ratio.values.max() > thresholds["wild_ratio"]:
        return f"updates reached {ratio.values.max():.2g} of the weights in the steps before"
    for layer in signals.network.hidden:
        std = signals.of("activation_std", layer["name"]).between(since, step - 1).finite()
        if len(std) >= 2 and std.values[-3:].max() > thresholds["growth"] * max(std.values[0], 1e-3):
            return f"the std of {layer['name']} rose {std.values[-3:].max() / std.values[0]:.0f}x in the steps before"
    return None
