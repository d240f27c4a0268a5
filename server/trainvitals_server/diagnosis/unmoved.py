"""Weights that get gradients and never move, told where the optimizer that steps is not known: it has none of them."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.signals import Signals


def unmoved(signals: Signals) -> Iterator[Finding]:
    """At most one finding. Wrong by definition where the optimizer was made for tensors of these very shapes.

    One of something else, as of an image that is painted through the network, is right to leave the weights alone, and
    parts may be trained one after the other: that needs harm.
    """
    still = signals.once(still_weights)
    if signals.facts("optimizer") or not still:
        return
    given = next((f["details"] for f in signals.facts("optimizer_elsewhere") if not f.get("owner")), None)
    which = still[0] if len(still) == 1 else f"{still[0]} (and {len(still) - 1} more)"
    why = summary = f"{which} gets gradients and never moves"
    if given is not None:
        why = f"{why}: the {given['type']} given to watch has {given['tensors']} tensors, none of which is the model's"
    alike = given is not None and 0 < given["alike"] == given["tensors"]
    if alike:
        why = f"{why}, though of the same shapes: those of before a layer, or the model, was replaced"
    yield Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=float(len(still)),
        threshold="every parameter with a gradient is in an optimizer",
        summary=summary,
        causes=(Cause("not_in_optimizer", why, 0),),
        remedy="Build the optimizer from model.parameters() after its last layer was replaced, and after copies.",
        expect="The update ratio is above 0 from the first step.",
        by_definition=alike,
        aspect="unmoved",
    )


def cut_off(signals: Signals) -> bool:
    """Whether no weight matrix ever got a gradient: the loss is not connected to the network.

    What the loss is fed is then no output of it, and says nothing of one.
    """
    learning = {name for _, name in signals.network.learning}
    named = {name for fact in signals.facts("no_gradient") for name in fact.get("parameters", ())}
    return bool(learning) and learning <= named and not learning & signals.owners("gradient_norm")


def none_moves(signals: Signals) -> bool:
    """Whether all weight matrices that should learn have gradients and stay exactly as they are."""
    return 0 < len(signals.network.learning) == len(signals.once(still_weights))


def still_weights(signals: Signals) -> tuple[str, ...]:
    """The weight matrices that should learn, have gradients, and are to the last digit what they were at first."""
    samples = int(signals.thresholds["frozen_parameters"]["zeroed_samples"])
    names = signals.network.learning_exactly
    last = signals.last("weight_norm", names, samples)
    if last.shape[1] < samples:
        return ()
    # What is not finite equals nothing.
    still = np.flatnonzero((last == last[:, :1]).all(axis=1)).tolist()
    return tuple(names[place] for place in still if _all_along(signals, names[place], samples))


def _all_along(signals: Signals, name: str, samples: int) -> bool:
    """Whether a weight never moved, though it had gradients."""
    norm, gradient = signals.of("weight_norm", name).finite().values, signals.of("gradient_norm", name).finite().values
    return bool(norm.min() == norm.max() and np.count_nonzero(gradient) >= samples)
