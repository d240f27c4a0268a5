"""Networks frozen as a whole, or up to a layer as they were drawn: findings of the rule `frozen_parameters`."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.random_start import hardly_learns_on_noise
from trainvitals_server.diagnosis.signals import Signals


def frozen_whole(signals: Signals) -> Iterator[Finding]:
    """At most one finding of each kind."""
    for found in (_no_matrix_learns(signals), _never_trained(signals)):
        if found is not None:
            yield found


def _no_matrix_learns(signals: Signals) -> Finding | None:
    """Only biases and gains are trained: that adapts a trained network, and teaches a new one nothing."""
    matrices = [matrix for _, matrix in signals.network.matrices]
    if not matrices or any(p.get("trainable", True) for p in matrices):
        return None
    why = f"none of the {len(matrices)} weight matrices is trainable (requires_grad is off in all of them)"
    start, chance = signals.loss.start, signals.loss.chance
    untrained = (
        start is not None and chance is not None and start >= signals.thresholds["chance"]["untrained_low"] * chance
    )
    if untrained:
        why = f"{why}, and the network starts at chance"
    return Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=0.0,
        threshold="a weight matrix that learns",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("frozen_parameters", why, 0),),
        remedy="Set requires_grad = True for the weights that are to learn, at least those of the output layer.",
        expect="The loss falls clearly below its start.",
        by_definition=untrained,
        blocking=True,
        aspect="no matrix",
    )


def _never_trained(signals: Signals) -> Finding | None:
    """The first layers are frozen as they were drawn, and what is trained behind them hardly learns."""
    if (found := hardly_learns_on_noise(signals)) is None:
        return None
    names, left = found
    which = names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"
    why = f"{which} is not trainable and still as the default initialisation draws it; {left:.0%} of chance is left"
    return Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=left,
        threshold="frozen weights that were trained",
        summary=why,
        causes=(Cause("frozen_parameters", why, 0),),
        remedy="Load the trained weights before they are frozen, or set requires_grad = True for all layers.",
        expect="The loss falls clearly below chance.",
        worst="warning",
        by_definition=True,
        aspect="never trained",
    )
