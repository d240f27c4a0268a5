"""A spike of the loss: the step, what moved first, and whether one batch did it."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.forensics import LOOKED_BACK, Move, first_move, odd_batch
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Spike of the loss",
    shows="A loss that leaps far above those before it, with what moved first: an output, a gradient or an update, of "
    "which layer, and whether the batch of that step was unlike the others.",
    matters="One bad batch passes. A gradient or an update that moved first comes back, and one day does not pass.",
    todo="Look at the batch where one did it; clip the gradient norm where a gradient moved first.",
    source="Pascanu, Mikolov and Bengio 2013; Chowdhery et al. 2022, PaLM, section 5.1 (spikes and single batches)",
    thresholds={
        "over_median": Threshold(3.0, "times the median of the loss before; the SDK takes extra samples from there on"),
        "spreads": Threshold(10.0, "median absolute deviations above it: far outside the noise of any batch"),
        "samples": Threshold(20, "losses before a spike that tell what is usual"),
    },
    needs=("loss",),
    after_warm_up=True,
    severity="note",
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one note, on the highest of the last losses."""
    late, n = signals.loss.finite.last(LOOKED_BACK), int(thresholds["samples"])
    if len(late) <= n:
        return
    place = n + int(np.argmax(late.values[n:]))
    step, value = int(late.steps[place]), float(late.values[place])
    before = late.values[:place]
    usual = median(before)
    spread = median(np.abs(before - usual))
    if usual <= 0 or value < thresholds["over_median"] * usual or value < usual + thresholds["spreads"] * spread:
        return
    move, odd = first_move(signals, step), odd_batch(signals, step)
    moved = f"; the first to move was {move.words}" if move is not None else ""
    yield Finding(
        series=signals.loss.key,
        first_step=step,
        last_step=step,
        value=value,
        threshold=f"below {thresholds['over_median']:g} times the median before",
        summary=f"The loss leapt to {value:.3g} at step {step}, {usual:.3g} before{moved}{f'; {odd}' if odd else ''}",
        causes=_causes(move, odd, step),
        remedy="Look at the samples of that batch." if odd else "Clip the global gradient norm to 1.0.",
        expect="The loss is back at its level within a few steps, and leaps no more.",
        worst="note",
    )


def _causes(move: Move | None, odd: str | None, step: int) -> tuple[Cause, ...]:
    if odd is not None or move is None or move.kind != "gradient":
        return ()
    return (Cause("exploding_gradient", f"the first to move was {move.words}", step),)
