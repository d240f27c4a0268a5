"""Wrong sign of the loss: training climbs where it should descend."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from trainvitals_server.diagnosis.bottomless import bottomless
from trainvitals_server.diagnosis.criterion import BINARY, CLASS_INDEX, ELEMENTWISE, LOG_PROBABILITIES
from trainvitals_server.diagnosis.divergence import negated
from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.loss_form import function_fed, reduction
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import network_ratio
from trainvitals_server.diagnosis.window import trend
from trainvitals_wire.names import CRITERION_LOSS_KEY

RULE = Rule(
    title="Wrong sign of the loss",
    shows="The logged loss beside the criterion's own value, a criterion that rises from the first step on under small "
    "updates or under an optimizer that maximises, a loss that falls below zero faster and faster, one that is a "
    "cosine similarity without a minus, or a logged divergence (`kl`) that is below zero and adds to the loss.",
    matters="The network is trained to be as wrong as it can be.",
    todo="Minimise the criterion as it is: remove the minus, or `maximize=True` of the optimizer.",
    source="Humbatova et al. 2020, Taxonomy of Real Faults (wrong loss function); PyTorch, torch.optim (maximize)",
    thresholds={
        "samples": Threshold(8, "fewer values may agree by chance"),
        "negated_samples": Threshold(3, "to a hundredth, with the other sign: three do not agree so by chance"),
        "agreement": Threshold(0.01, "the criterion's mean over passes may differ from the logged value by rounding"),
        "rise": Threshold(1.2, "a fifth more than its start is a rise beyond the noise of batches"),
        "rise_significance": Threshold(6.0, "standard errors of the trend; one in 10^9 by chance"),
        "small_update": Threshold(0.03, "as very_high of learning_rate: below it an update hardly overshoots"),
        "gradient_looks": Threshold(4, "a sign that changes from batch to batch is a reward's or an advantage's"),
        "graph_looks": Threshold(4, "graphs of the loss: a form that changes with the step is one of several losses"),
        "similarity_falls": Threshold(0.1, "of a similarity, which lies between -1 and 1: beyond the noise of batches"),
        "divergence_grows": Threshold(2.0, "times its first size: driven up, not an estimate that errs about 0"),
        "window": Threshold(60, "first steps in which a climb shows"),
        "fall": Threshold(10.0, "times its start: a likelihood of densities levels off long before"),
        "fall_early": Threshold(100.0, "in the warm-up ten times that: a spread that shrinks a thousandfold gains 7"),
        "faster_early": Threshold(4.0, "and the second half four times the first: a square of the steps gives three"),
        "falls_faster": Threshold(0.9, "the second half falls as much as the first: nothing bounds it"),
        "scores_start": Threshold(0.5, "raw scores start so near 0, in shares of ln C; minus a cross-entropy at -ln C"),
        "output_growth": Threshold(5.0, "the output layer grows with a loss that has no floor"),
    },
    needs=("loss",),
    by_definition=True,
)
NEVER_NEGATIVE = CLASS_INDEX - {"NLLLoss"} | BINARY | ELEMENTWISE


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding."""
    if signals.loss.game:
        return
    found = (
        _negated(signals, thresholds)
        or _ascends(signals, thresholds)
        or _climbs(signals, thresholds)
        or _divergence(signals, thresholds)
        or _bottomless(signals, thresholds)
        or _makes_unlike(signals, thresholds)
    )
    if found is None:
        return
    why, remedy, first, value = found
    yield Finding(
        series=signals.loss.key,
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold="a loss that is not below 0, and falls",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("loss_sign", why, first),),
        remedy=remedy,
        expect="The criterion falls from the first steps.",
        by_definition=True,
    )


Found = tuple[str, str, int, float]
"""What is seen, what to do, since when, and the number that shows it."""
REMEDY = "Remove the minus sign before the loss (and maximize=True, where it is set), so that the criterion falls."


def _negated(signals: Signals, thresholds: Thresholds) -> Found | None:
    """The logged loss is minus the criterion."""
    logged, own = signals.logged_loss, signals.history(CRITERION_LOSS_KEY)
    if not len(logged) or signals.criterion.get("type") not in NEVER_NEGATIVE:
        return None
    if _maximizes(signals):
        return None
    # A loss that has no floor may overflow within a few steps: what came before tells.
    logged, own = logged.finite().beside(own.finite())
    if len(logged) < thresholds["negated_samples"] or not (own.values > 0).all() or not (logged.values < 0).all():
        return None
    apart = np.abs(logged.values + own.values) / own.values
    if median(apart) > thresholds["agreement"]:
        return None
    why = f"the loss is minus the {signals.criterion['type']}: {logged.values[0]:.3g} at first"
    return why, REMEDY, int(logged.steps[0]), float(logged.values[-1])


def _ascends(signals: Signals, thresholds: Thresholds) -> Found | None:
    """The gradient at the output is minus that of a loss, so that each step makes wrong answers likelier."""
    seen = function_fed(signals)
    if not seen or seen["looks"] < thresholds["gradient_looks"] or (seen["scale"] < 0) == _maximizes(signals):
        return None
    # A reward below 0 turns the sign too, and has another factor.
    if reduction(signals) is None:
        return None
    minus = "minus that" if seen["scale"] < 0 else "that"
    how = ", and the optimizer maximises it" if _maximizes(signals) else ""
    why = f"the gradient at the model's output is {minus} of {seen['type']}{how}: wrong answers become likelier"
    return why, REMEDY, int(seen["step"]), float(seen["scale"])


def _climbs(signals: Signals, thresholds: Thresholds) -> Found | None:
    """The criterion rises from its first step on, though no update is large enough to overshoot.

    An optimizer that says that it maximises means to climb, however large its updates are.
    """
    own, maximizes = signals.history(CRITERION_LOSS_KEY), _maximizes(signals)
    if signals.criterion.get("type") not in NEVER_NEGATIVE or not len(own) or own.steps[0] > 0:
        return None
    early = own.finite().between(0, int(thresholds["window"]))
    n = int(thresholds["samples"])
    if len(early) < 2 * n:
        return None
    start, end = median(early.values[:n]), median(early.values[-n:])
    if end < thresholds["rise"] * start:
        return None
    if not (_is_criterion(signals, thresholds) if maximizes else _steps_uphill(signals, early, thresholds)):
        return None
    how = "the optimizer maximises it" if maximizes else "updates are small, and each leads uphill"
    why = f"the {signals.criterion['type']} rises from {start:.3g} to {end:.3g} in its first steps: {how}"
    return why, REMEDY, int(early.steps[0]), end


def _is_criterion(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the logged loss, where there is one, is the criterion, and not minus the criterion."""
    logged, own = signals.logged_loss.finite().beside(signals.history(CRITERION_LOSS_KEY).finite())
    apart = np.abs(logged.values - own.values) <= thresholds["agreement"] * np.abs(own.values)
    return not len(apart) or float(apart.mean()) > 1 / 2


def _steps_uphill(signals: Signals, early: History, thresholds: Thresholds) -> bool:
    """Whether updates too small to overshoot lead up, step by step; after one that replaced the weights none does."""
    ratio = network_ratio(signals).between(0, int(thresholds["window"])).values
    first, jolt = ratio[: int(thresholds["samples"])], signals.thresholds["learning_rate"]["jolt_ratio"]
    if not len(ratio) or median(ratio) > thresholds["small_update"] or float(first.max()) > jolt:
        return False
    return trend(early) >= thresholds["rise_significance"] and _steady(early)


def _steady(points: History) -> bool:
    """Whether each quarter lies above the one before: a climb, not a leap that comes down again."""
    quarters = [median(part) for part in np.array_split(points.values, 4)]
    return all(later > earlier for earlier, later in pairwise(quarters))


def _bottomless(signals: Signals, thresholds: Thresholds) -> Found | None:
    """The loss falls below zero faster and faster while the output grows, from a start that only a minus explains."""
    descent = signals.once(bottomless)
    if descent is None or descent.of_scores or signals.criterion.get("type") in LOG_PROBABILITIES:
        return None
    return descent.why, REMEDY, descent.first_step, descent.value


def _divergence(signals: Signals, thresholds: Thresholds) -> Found | None:
    """A term that cannot be below zero is, and adds to the loss: it is driven up where it should be held small."""
    seen = negated(signals, thresholds)
    if seen is None or _maximizes(signals):
        return None
    why = (
        f"the divergence {seen.key} is below zero, adds to the loss, and went from {seen.first:.3g} to {seen.last:.3g}"
    )
    remedy = f"Add the divergence, not minus the divergence: turn the sign of {seen.key}."
    return f"{why}: its sign is turned", remedy, seen.first_step, seen.last


def _makes_unlike(signals: Signals, thresholds: Thresholds) -> Found | None:
    """The whole loss is the cosine similarity of output and target, with no minus before it, and falls below 0."""
    seen, points, n = last_told(signals, "loss_graph"), signals.loss.finite, int(thresholds["samples"])
    if not seen or seen["looks"] < thresholds["graph_looks"] or seen["plus"] < seen["looks"] or len(points) < 2 * n:
        return None
    start, end = median(points.values[:n]), median(points.values[-n:])
    if end > min(0.0, start) - thresholds["similarity_falls"] or _maximizes(signals):
        return None
    why = f"the loss is the cosine similarity itself, and fell from {start:.3g} to {end:.3g}: it ends at opposites"
    return why, "Minimise 1 - similarity, or minus the similarity.", int(points.steps[0]), end


def _maximizes(signals: Signals) -> bool:
    facts = signals.facts("optimizer")
    return any(group.get("maximize") for fact in facts for group in fact.get("details", {}).get("groups", ()))
