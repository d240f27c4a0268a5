"""Weights that get gradients and of which none ever moves: the optimizer that steps has none of them."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.signals import Signals


def unmoved(signals: Signals) -> Iterator[Finding]:
    """At most one finding. Wrong by definition where the optimizer was made for tensors of these very shapes.

    One of something else, as of an image that is painted through the network, is right to leave the weights alone.
    """
    if signals.facts("optimizer") or not signals.once(none_moves):
        return
    given = next((f["details"] for f in signals.facts("optimizer_elsewhere") if not f.get("owner")), None)
    count = len(signals.network.learning)
    why = f"{'all' if count > 1 else 'the'} {count} weight matrices get gradients and none of them ever moves"
    if count == 1:
        why = f"{signals.network.learning[0][1]} gets gradients and never moves"
    if given is not None:
        why = f"{why}: the {given['type']} given to watch has {given['tensors']} tensors, none of which is the model's"
    alike = given is not None and 0 < given["alike"] == given["tensors"]
    if alike:
        why = f"{why}, though of the same shapes: those of before a layer, or the model, was replaced"
    yield Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=float(count),
        threshold="every parameter with a gradient is in an optimizer",
        summary=why if count == 1 else f"{why[0].upper()}{why[1:]}",
        causes=(Cause("not_in_optimizer", why, 0),),
        remedy="Build the optimizer from model.parameters() after its last layer was replaced, and after copies.",
        expect="The update ratio is above 0 from the first step.",
        by_definition=alike,
        aspect="unmoved",
    )


def none_moves(signals: Signals) -> bool:
    """Whether all weight matrices that should learn have gradients and stay exactly as they are."""
    names = [name for _, name in signals.network.learning]
    samples = int(signals.thresholds["frozen_parameters"]["zeroed_samples"])
    last = signals.last("weight_norm", names, samples)
    if not names or last.shape[1] < samples or not (last == last[:, :1]).all():
        return False
    norms = [signals.of("weight_norm", name).finite().values for name in names]
    gradients = [signals.of("gradient_norm", name).finite().values for name in names]
    still = all(len(norm) >= samples and norm.min() == norm.max() for norm in norms)
    return still and all(np.count_nonzero(gradient) >= samples for gradient in gradients)
