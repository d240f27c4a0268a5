"""Adam's epsilon dominates: updates are the gradient over epsilon, tiny and no longer adaptive."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import over_weights

RULE = Rule(
    title="Adam's epsilon dominates",
    shows="The share of elements whose root of the second moment is below epsilon.",
    matters="Adam divides by that root so that each element moves by about the learning rate. Where epsilon is larger, "
    "it divides by epsilon, and the learning rate is in effect far lower than it says.",
    todo="Use the optimizer's default epsilon (1e-8), or a learning rate as many times higher.",
    source="Kingma and Ba 2015, Adam; Choi et al. 2019, On Empirical Comparisons of Optimizers (epsilon)",
    thresholds={
        "share": Threshold(0.9, "so few elements are left that are scaled by their own gradient"),
        "samples": Threshold(5, "the first second moments are estimates from few gradients"),
        "fitting_update": Threshold(1e-3, "with updates of this size epsilon does no harm (Karpathy, CS231n)"),
    },
    needs=("layers", "epsilon_dominated_fraction", "update_ratio"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, over all weight matrices: rows that are never used have no second moment."""
    share = over_weights(signals, "epsilon_dominated_fraction")
    if len(share) < thresholds["samples"] or float(np.median(share.values)) < thresholds["share"]:
        return
    rate = signals.once(Rate)
    # Where nothing moves at all there is no gradient: dividing by less would not help.
    if not len(rate.ratio) or not 0 < rate.late_fastest <= thresholds["fitting_update"]:
        return
    epsilon = max((float(group.get("eps") or 0.0) for group in _groups(signals)), default=0.0)
    first, value = int(share.steps[0]), float(np.median(share.values))
    why = f"epsilon ({epsilon:g}) is larger than the root of the second moment of {value:.0%} of the weights"
    yield Finding(
        series=f"epsilon_dominated_fraction/{signals.network.weights[0].name}",
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold=f"below {thresholds['share']:.0%}",
        summary=f"{why[0].upper()}{why[1:]}; updates are {rate.late_fastest:.1g} of them",
        causes=(Cause("learning_rate_too_low", f"{why}, so that updates are tiny", first),),
        remedy="Set the optimizer's eps back to its default, 1e-8.",
        expect="The update ratio rises to about 1e-3.",
        by_definition=signals.loss.crawls,
        blocking=True,
    )


def _groups(signals: Signals) -> list[dict[str, float]]:
    return [group for fact in signals.facts("optimizer") for group in fact.get("details", {}).get("groups", ())]
