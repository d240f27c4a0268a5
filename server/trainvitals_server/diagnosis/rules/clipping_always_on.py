"""Clipping always on: the gradient is cut to one norm in every step, and the steps become too small."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio

RULE = Rule(
    title="Clipping always on",
    shows="By what factor the gradient is cut between backward pass and step, and whether its norm is then the same in "
    "all steps.",
    matters="Clipping is there for the rare leap. Where it cuts every gradient, the limit is a learning rate in "
    "disguise, and far too low a one.",
    todo="Raise the limit to about the usual gradient norm, so that only leaps are cut.",
    source="Pascanu, Mikolov and Bengio 2013 (the limit: 0.5 to 10 times the average norm)",
    thresholds={
        "share": Threshold(0.95, "clipping that spares one step in twenty is nearly always on"),
        "samples": Threshold(10, "the first steps are clipped in healthy runs as well"),
        "factor": Threshold(0.5, "Pascanu et al. 2013: a limit of half the average norm is the lowest that is usual"),
        "spread": Threshold(0.02, "after clipping all norms are the same, but for rounding"),
        "tiny_factor": Threshold(0.02, "a limit of a 25th of the lowest that is usual: digits that were lost"),
        "fitting_update": Threshold(1e-3, "with updates of this size clipping does no harm (Karpathy, CS231n)"),
    },
    needs=("gradient_clip_factor", "gradient_norm_total"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, where the clipped steps are small: those of Adam do not depend on the norm."""
    factor = signals.history("gradient_clip_factor").finite()
    if len(factor) < thresholds["samples"]:
        return
    cut = factor.values < thresholds["factor"]
    if cut.mean() < thresholds["share"]:
        return
    after, _ = signals.history("gradient_norm_total").finite().beside(factor)
    level = float(np.median(after.values)) if len(after) else 0.0
    if level <= 0 or float(np.median(np.abs(after.values - level))) > thresholds["spread"] * level:
        return
    rate, typical = signals.once(Rate), float(np.median(factor.values))
    tiny = typical < thresholds["tiny_factor"] and _starves(signals)
    if not len(rate.ratio) or (rate.late_fastest > thresholds["fitting_update"] and not tiny):
        return
    usual = level / typical
    first = int(factor.steps[int(np.argmax(cut))])
    why = f"the gradient, of norm {usual:.2g}, is clipped to {level:.2g} in {cut.mean():.0%} of the steps"
    yield Finding(
        series="gradient_clip_factor",
        first_step=first,
        last_step=signals.step,
        value=typical,
        threshold="1 in most steps",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("clipping_always_on", why, first),),
        remedy=f"Clip to {usual:.1g}, the usual norm of the gradient, in place of {level:.1g}.",
        expect="The clip factor is 1 in most steps, and the update ratio rises to about 1e-3.",
        by_definition=tiny,
        blocking=True,
    )


def _starves(signals: Signals) -> bool:
    """Whether a layer hardly moves, and most of the loss is left after the warm-up, however steadily it creeps down."""
    left, slowest = signals.loss.share_left, network_ratio(signals, 0.0).values
    if signals.warming_up or left is None or left <= signals.thresholds["loss"]["learned_left"] or not len(slowest):
        return False
    return float(np.median(slowest)) < signals.thresholds["update_ratio"]["low"]
