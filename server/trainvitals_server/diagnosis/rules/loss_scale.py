"""One loss term drowns another: what matters is a hundredth of what is minimised."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.divergence import DIVERGENCES
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.harm import Harm
from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.loss import Loss
from trainvitals_server.diagnosis.loss_form import chance_of_form
from trainvitals_server.diagnosis.median import median
from trainvitals_server.diagnosis.rate import Rate
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.window import Window, window_size
from trainvitals_wire.loss_names import words
from trainvitals_wire.names import CRITERION_LOSS_KEY
from trainvitals_wire.records import Fact

RULE = Rule(
    title="One loss term drowns another",
    shows="Each logged `loss/...` term, and the criterion's own value, beside the whole loss.",
    matters="The gradient follows the largest term. A penalty or an auxiliary loss a hundred times the data's own loss "
    "is all that is learned.",
    todo="Divide the coefficient of the large term until both are of one size at the start, or scale what it measures.",
    source="Kendall, Gal and Cipolla 2018, Multi-Task Learning Using Uncertainty to Weigh Losses; Alemi et al. 2018, "
    "Fixing a Broken ELBO",
    thresholds={
        "ratio": Threshold(100.0, "a term that is a hundredth of another has no say in the direction of a step"),
        "silenced": Threshold(1e4, "a hundredth of a hundredth: what it is learned by is left over by the other"),
        "penalty_ratio": Threshold(10.0, "a penalty ten times the loss at the start rules the first steps"),
        "weights_left": Threshold(0.1, "weights of a tenth of their start pass on a thousandth through three layers"),
        "emptied": Threshold(0.01, "a hundredth of the divergence at the start, of an untrained code, is none"),
        "samples": Threshold(20, "values of each term that are compared"),
        "proportional": Threshold(0.1, "a quotient that varies a tenth as much as the criterion: one term, scaled"),
    },
    needs=("loss",),
    after_warm_up=True,
)


EMPTIED = (
    "Reduce {0} and {1} alike, as sums over the features and means over the batch: a divergence that is a sum beside "
    "an error that is a mean drowns it. If they are, begin with a coefficient of {0} near 0 and raise it slowly."
)


@dataclass(frozen=True, slots=True)
class Drowned:
    """A small term, the large one beside it, how many times it is larger, and the harm that one of them shows."""

    small: str
    large: str
    ratio: float
    harm: Harm
    blown_up: bool = False
    emptied: bool = False

    @property
    def says(self) -> str:
        """The harm of the small term, or of the whole loss, as the rest of a sentence."""
        return f": {self.harm.why}" if self.blown_up else f", of which {self.harm.why}"


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: the small term must be one that matters, and show that it is not learned."""
    if signals.loss.game:
        return
    found = (
        _criterion_drowned(signals, thresholds)
        or _term_drowned(signals, thresholds)
        or _blown_up(signals, thresholds)
        or _code_emptied(signals, thresholds)
    )
    if found is None:
        return
    why = f"{found.large} {'started at' if found.emptied else 'is'} {found.ratio:.3g} times {found.small}{found.says}"
    kept = f"{found.large} above {thresholds['emptied']:.0%} of its start"
    yield Finding(
        series=CRITERION_LOSS_KEY if found.small == "the criterion" else found.small,
        first_step=0,
        last_step=signals.step,
        value=found.ratio,
        threshold=kept if found.emptied else f"terms within a factor of {thresholds['ratio']:g}",
        summary=f"{why[0].upper()}{why[1:]}" if found.large not in signals.metrics else why,
        causes=(Cause("loss_scale", why, 0),),
        remedy=EMPTIED.format(found.large, found.small)
        if found.emptied
        else f"Divide the coefficient of {found.large} by {found.ratio:.1g}, so that both terms are of one size.",
        expect=f"{found.small} begins to fall within about 100 steps.",
        by_definition=True,
    )


def _criterion_drowned(signals: Signals, thresholds: Thresholds) -> Drowned | None:
    """The criterion beside what else there is in the loss."""
    own = signals.history(CRITERION_LOSS_KEY).finite()
    if not len(signals.logged_loss) or len(own) < thresholds["samples"]:
        return None
    whole, own = signals.logged_loss.finite().beside(own)
    samples = int(thresholds["samples"])
    # A penalty on the weights may have done its work by now: they are gone, and so is it.
    if len(own) < samples or _proportional(whole, own, thresholds):
        return None
    ratio = max(_ratio(_rest(whole, own).first(samples), own), _ratio(_rest(whole, own).last(samples), own))
    # A penalty that took nearly all of the weights was too large, whatever it was beside the criterion.
    if ratio < thresholds["penalty_ratio" if _weights_gone(signals, thresholds) else "ratio"]:
        return None
    judged = _loss_of(signals, CRITERION_LOSS_KEY, own)
    harm = judged.harm or _creeps(judged, own, ratio, thresholds)
    return Drowned("the criterion", _largest(signals) or "the rest of the loss", ratio, harm) if harm else None


def _creeps(loss: Loss, own: History, ratio: float, thresholds: Thresholds) -> Harm | None:
    """Long after the first steps a term is worse than knowing nothing, whether it falls or not: the other throws it.

    Where it is silenced, hardly anything is learned, though it may fall a little: the head alone learns.
    """
    limits, n = loss.thresholds, window_size(own, loss.windowing)
    if not n or loss.chance is None or loss.chance <= 0 or loss.step < limits["settling"] * loss.warm_up_steps:
        return None
    late = Window.of(own.last(n))
    share = limits["learned_share"] if ratio >= thresholds["silenced"] else 1.0
    if late.mean - loss.windowing["significance"] * late.error < share * loss.chance:
        return None
    side = "above" if share == 1.0 or late.mean > loss.chance else "hardly below"
    why = f"the loss is {late.mean:.3g}, {side} the {loss.chance:.3g} of chance"
    return Harm("at_chance", int(own.steps[0]), late.mean, why, "warning")


def _term_drowned(signals: Signals, thresholds: Thresholds) -> Drowned | None:
    """A logged term that starts as an untrained cross-entropy and stays there, beside the largest."""
    large, samples = _largest(signals), int(thresholds["samples"])
    if large is None:
        return None
    most = signals.history(large).finite()
    for key in _terms(signals):
        own = signals.history(key).finite()
        if key == large or len(own) < samples:
            continue
        ratio = max(_ratio(most.first(samples), own), _ratio(most.last(samples), own))
        if ratio < thresholds["ratio"]:
            continue
        loss = _loss_of(signals, key, own)
        harm = loss.harm if loss.chance is not None else None
        if harm is None or harm.kind != "at_chance":
            # What only happens to start there may rise for good reasons, as a divergence does.
            harm = _creeps(loss, own, ratio, thresholds) if _form_of(signals, own) else None
        if harm is not None:
            return Drowned(key, large, ratio, harm)
    return None


def _code_emptied(signals: Signals, thresholds: Thresholds) -> Drowned | None:
    """A divergence that was the largest term at first is gone, and with it what the code said: posterior collapse.

    It bounds what the code tells of the input (Alemi et al. 2018). A student that came to its teacher loses no code.
    """
    samples, firsts = int(thresholds["samples"]), dict[str, float]()
    for key in _terms(signals):
        points = signals.history(key).finite()
        if len(points) >= 2 * samples:
            firsts[key] = abs(float(points.values[0]))
    name = max(firsts, key=lambda key: firsts[key], default="")
    if len(firsts) < 2 or not words(name) & DIVERGENCES or not _code_fades(signals, thresholds):
        return None
    late = _size(signals.history(name).finite().last(samples))
    other = max((key for key in firsts if key != name), key=lambda key: firsts[key])
    if late > thresholds["emptied"] * firsts[name]:
        return None
    why = f"it fell from {firsts[name]:.3g} to {late:.2g}, and the code tells nothing of the input any more"
    harm = Harm("no_progress", 0, late, why, "warning")
    return Drowned(other, name, firsts[name] / max(firsts[other], 1e-12), harm, blown_up=True, emptied=True)


def _code_fades(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether a hidden layer with weights gives a tenth of what it gave at first, and hardly anything.

    A code tells by its variance beside the prior's of 1.
    """
    least, few = math.sqrt(thresholds["emptied"]), signals.thresholds["persistence"]["points"]
    for layer in signals.network.hidden:
        size = signals.of("activation_std", layer["name"]).finite().values
        if layer["parameters"] and len(size) > few and np.median(size[-int(few) :]) < min(least, size[0] / 10):
            return True
    return False


def _blown_up(signals: Signals, thresholds: Thresholds) -> Drowned | None:
    """The first loss is a hundred times its criterion, and updates made for the criterion ruin the network at once."""
    own, whole = signals.history(CRITERION_LOSS_KEY).first(1), signals.logged_loss.first(1)
    harm = signals.loss.harm
    if not len(own) or not len(whole) or own.steps[0] != whole.steps[0]:
        return None
    if harm is None or harm.kind not in ("non_finite", "diverging") or signals.once(Rate).side != "high":
        return None
    if own.steps[0] > 0 or signals.criterion.get("reduction", "mean") != "mean":
        return None
    rest = float(whole.values[0] - own.values[0])
    ratio = rest / float(own.values[0]) if own.values[0] > 0 else 0.0
    terms = {key: float(signals.history(key).first(1).values[0]) for key in _terms(signals)}
    name = next((key for key, value in terms.items() if abs(value - rest) < 0.01 * rest), None)
    # Without such a term it may as well be the criterion itself, on another scale.
    if name is None or not thresholds["ratio"] <= ratio < math.inf:
        return None
    return Drowned("the criterion", name, ratio, harm, blown_up=True)


def _weights_gone(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether all weight matrices have shrunk to a fraction of what they began with."""
    norms = (signals.of("weight_norm", weight.name).finite().values for weight in signals.network.weights)
    left = thresholds["weights_left"]
    return bool(signals.network.weights) and all(len(norm) > 1 and norm[-1] < left * norm[0] for norm in norms)


def _loss_of(signals: Signals, key: str, history: History) -> Loss:
    """A term judged as a loss of its own."""
    if key == CRITERION_LOSS_KEY:
        facts = [*signals.facts("criterion"), *signals.facts("labels"), *signals.facts("target")]
        seen = signals.loss
        return Loss(
            key,
            history,
            facts,
            signals.network,
            signals.step,
            signals.warm_up_steps,
            thresholds=signals.thresholds,
            of_criterion=seen.of_criterion,
            of_targets=seen.of_targets,
        )
    facts = _form_of(signals, history)
    return Loss(
        key, history, facts, signals.network, signals.step, signals.warm_up_steps, thresholds=signals.thresholds
    )


def _form_of(signals: Signals, history: History) -> list[Fact]:
    """A term that starts as the cross-entropy does that the gradient at the output tells, as if it were watched."""
    chance, limits = chance_of_form(signals), signals.thresholds["chance"]
    if chance is None or not len(history):
        return []
    if not limits["untrained_low"] <= float(history.values[0]) / chance <= limits["untrained_high"]:
        return []
    classes = {"classes": round(math.exp(chance))}
    return [{"kind": "criterion", "step": 0, "type": "CrossEntropyLoss", "details": classes}]


def _terms(signals: Signals) -> list[str]:
    return sorted(key for key in signals.metrics if key.startswith("loss/"))


def _largest(signals: Signals) -> str | None:
    sizes = {key: _size(signals.history(key).finite()) for key in _terms(signals)}
    return max(sizes, key=lambda key: sizes[key]) if len(sizes) > 1 else None


def _size(points: History) -> float:
    return median(np.abs(points.values)) if len(points) else 0.0


def _ratio(large: History, small: History) -> float:
    """How many times one is larger, over the steps that the first of them has."""
    there = small.between(int(large.steps[0]), int(large.steps[-1])) if len(large) else small
    size = _size(there)
    return _size(large) / size if size > 0 else 0.0


def _rest(whole: History, own: History) -> History:
    return History(whole.steps, whole.values - own.values)


def _proportional(whole: History, own: History, thresholds: Thresholds) -> bool:
    """A loss logged as the batch's sum: it varies just as the criterion does."""
    there = own.values != 0
    if not there.any():
        return False
    quotient = whole.values[there] / own.values[there]
    return _variation(quotient) <= thresholds["proportional"] * _variation(own.values)


def _variation(values: NDArray[np.float64]) -> float:
    return float(values.std()) / max(abs(float(values.mean())), 1e-30)
