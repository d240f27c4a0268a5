"""Output does not fit the loss: a softmax too many, logits where probabilities belong, or a range out of reach."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trainvitals_server.diagnosis.bottomless import bottomless
from trainvitals_server.diagnosis.criterion import BINARY, ELEMENTWISE, Criterion, within
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_form import LIKELIHOOD, confirmed, function_fed
from trainvitals_server.diagnosis.mismatch import (
    Mismatch,
    cut_scores,
    one_unit,
    positive_log,
    squashed_between,
    squashed_scores,
)
from trainvitals_server.diagnosis.output import (
    bounds,
    double_softmax_floor,
    last_type,
    looks,
    passed_on,
    reach,
)
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.unmoved import cut_off

RULE = Rule(
    title="Output does not fit the loss",
    shows="What the criterion is fed beside what it asks for: rows that sum to 1 in a cross-entropy on logits, a "
    "softmax over one unit, a sigmoid before a loss on logits, positive values in NLLLoss, targets that the last "
    "activation cannot reach. Of a loss that is a function the gradient at the model's output tells which it is, and "
    "where that is certain its targets.",
    matters="A second softmax flattens the gradient, a softmax over one unit is the constant 1, and no training brings "
    "a bounded output to a target outside its range.",
    todo="CrossEntropyLoss and BCEWithLogitsLoss take raw scores; NLLLoss takes LogSoftmax; regression ends in a "
    "linear layer.",
    source="PyTorch documentation of the losses; Zhang et al. 2021, AUTOTRAINER; Humbatova et al. 2020",
    thresholds={
        "row_sum_tolerance": Threshold(1e-3, "the rounding of a softmax in half precision"),
        "range_tolerance": Threshold(0.05, "targets may overshoot the reach by this share of their range"),
        "looks": Threshold(20, "so many batches of scores are not by chance all between 0 and 1"),
        "near": Threshold(0.99, "a squashed output piles up this close to its bound in most batches, and not beyond"),
        "clamped": Threshold(1e-6, "no untrained sigmoid gives so sure a probability; a clamp does"),
        "untrained_low": Threshold(0.95, "as of chance: below this share of ln C a first loss is no cross-entropy"),
        "untrained_high": Threshold(1.3, "as of chance"),
        "floor_share": Threshold(0.97, "a loss that falls below its floor by more has no second softmax"),
        "likelihood_looks": Threshold(
            4, "errors of one size and sign look like a likelihood at first, and not for long"
        ),
    },
    needs=("criterion or layers",),
    by_definition=True,
)


RAW = ("Linear", "Conv1d", "Conv2d", "Conv3d")
"""What such a layer gives is no probability."""


def unmeasured(signals: Signals) -> str | None:
    """Without a criterion nothing is known of the targets: only what gradient, layers and loss show is told."""
    thresholds = signals.thresholds["loss_output_mismatch"]
    return None if signals.criterion or _mismatch(signals, thresholds) else "pass criterion="


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding."""
    seen = signals.criterion or function_fed(signals)
    found = _mismatch(signals, thresholds)
    if found is None:
        return
    step = int(seen.get("step", 0))
    known = last_type(signals.network, seen) or not signals.criterion
    yield Finding(
        layer=signals.network.layers[-1]["name"] if known else None,
        first_step=step,
        last_step=signals.step,
        threshold=f"what {seen.get('type', 'the loss')} asks for",
        summary=f"{found.why[0].upper()}{found.why[1:]}",
        causes=(Cause("loss_output_mismatch", found.why, step),),
        remedy=found.remedy,
        expect="The loss starts at chance and falls clearly below it.",
        by_definition=found.sure,
        blocking=not found.sure,
    )


def _mismatch(signals: Signals, thresholds: Thresholds) -> Mismatch | None:
    seen = signals.criterion
    found = _of_criterion(signals, seen, thresholds) if seen else None
    return found or _of_gradient(signals, thresholds) or (None if seen else _of_layers(signals, thresholds))


def _of_gradient(signals: Signals, thresholds: Thresholds) -> Mismatch | None:
    """Of a loss that is a function, or a class of the user's own."""
    seen = function_fed(signals)
    if not seen or not confirmed(signals):
        return None
    if seen["type"] == LIKELIHOOD and (seen["looks"] < thresholds["likelihood_looks"] or _absolute(signals, seen)):
        return None
    last = last_type(signals.network, seen)
    found = (
        squashed_between(seen)
        or _probabilities_for_logits(signals, seen, last, thresholds)
        or squashed_scores(seen, last)
        or positive_log(seen)
        or cut_scores(seen, thresholds["range_tolerance"])
    )
    return found and replace(found, why=f"by the gradient at the model's output, {found.why}")


def _absolute(signals: Signals, seen: Criterion) -> bool:
    """1 - p of the right class, a robust loss (Ghosh et al. 2017), has the gradient of -p, and is never below 0."""
    loss = signals.loss.finite.values
    return bool(seen["squashed"]) and len(loss) > 0 and loss.min() >= 0


def _of_criterion(signals: Signals, seen: Criterion, thresholds: Thresholds) -> Mismatch | None:
    last = last_type(signals.network, seen) if passed_on(signals) else ""
    return (
        one_unit(seen)
        or _probabilities_for_logits(signals, seen, last, thresholds)
        or squashed_scores(seen, last)
        or positive_log(seen)
        or (None if cut_off(signals) else _clamped(seen, last, thresholds))
        or _no_probabilities(signals, seen, thresholds)
        or _out_of_reach(signals, seen, last, thresholds)
    )


def _probabilities_for_logits(signals: Signals, seen: Criterion, last: str, thresholds: Thresholds) -> Mismatch | None:
    if not within(seen, "output", 0.0, 1.0):
        return None
    tolerance = thresholds["row_sum_tolerance"]
    sums_to_one = within(seen, "output_row_sum", 1 - tolerance, 1 + tolerance)
    if seen.get("type") == "CrossEntropyLoss" and sums_to_one:
        return Mismatch(
            "the rows fed to CrossEntropyLoss sum to 1: it is given probabilities, and applies a second softmax",
            "Remove the softmax before the loss, or take the logarithm and use NLLLoss.",
        )
    if seen.get("type") == "CrossEntropyLoss" and last in ("Softmax", "Softmax2d"):
        return Mismatch(
            f"CrossEntropyLoss is fed the output of a {last} whose rows do not sum to 1: it runs along another axis",
            f"Remove the {last} before the loss, which takes raw scores.",
        )
    if seen.get("type") not in ("BCEWithLogitsLoss", "CrossEntropyLoss"):
        return None
    kind = "Softmax" if sums_to_one else last
    if kind in ("Sigmoid", "Hardsigmoid", "Softmax") and seen["type"] == "BCEWithLogitsLoss":
        return Mismatch(
            f"BCEWithLogitsLoss is fed the output of a {kind}, and applies a second sigmoid",
            f"Remove the {kind}, or use BCELoss.",
        )
    # Raw scores that hardly move may keep within 0 and 1 as well.
    if last in RAW:
        return None
    least, greatest = looks(signals)
    if len(least) >= thresholds["looks"] and least.values.min() >= 0 and greatest.values.max() <= 1:
        return Mismatch(
            f"all scores fed to {seen['type']} in {len(least)} batches lie between 0 and 1, as after a sigmoid",
            "Remove the sigmoid or softmax before the loss: it takes raw scores.",
            sure=False,
        )
    return None


def _clamped(seen: Criterion, last: str, thresholds: Thresholds) -> Mismatch | None:
    """Raw scores cut to the range of probabilities: where the cut holds there is no gradient."""
    least = seen.get("output_min")
    if seen.get("type") != "BCELoss" or least is None or seen.get("step", 0) > 0 or bounds(last)[1] == 1.0:
        return None
    if least > thresholds["clamped"]:
        return None
    return Mismatch(
        f"BCELoss is fed probabilities down to {least:.2g} by an untrained network: scores cut to 0 and 1",
        "Use BCEWithLogitsLoss on the raw scores, or a sigmoid in place of the cut.",
        sure=False,
    )


def _no_probabilities(signals: Signals, seen: Criterion, thresholds: Thresholds) -> Mismatch | None:
    """Targets of a binary cross-entropy outside 0 to 1: its least value is then at infinity."""
    least, greatest = _targets(signals, seen)
    if seen.get("type") not in BINARY or least is None or greatest is None or (least >= 0 and greatest <= 1):
        return None
    return Mismatch(
        f"{seen['type']} asks for targets between 0 and 1, and is given {least:.3g} to {greatest:.3g}",
        "Give it 0 and 1 (or probabilities); for numbers use MSELoss, for several classes CrossEntropyLoss.",
    )


def _out_of_reach(signals: Signals, seen: Criterion, last: str, thresholds: Thresholds) -> Mismatch | None:
    least, greatest = _targets(signals, seen)
    if seen.get("type") not in ELEMENTWISE or least is None or greatest is None:
        return None
    room = thresholds["range_tolerance"] * (greatest - least)
    between = f"targets lie between {least:.3g} and {greatest:.3g}"

    def reaches(low: float, high: float) -> bool:
        return least >= low - room and greatest <= high + room

    remedy = "End the network in a linear layer, or scale the targets into the range of its activation."
    low, high = bounds(last)
    if not reaches(low, high) and within(seen, "output", low, high):
        return Mismatch(f"{between}, the {last} of the output reaches {low:g} to {high:g}", remedy)
    shown = reach(signals, int(thresholds["looks"]), thresholds["near"])
    if shown is None or reaches(shown[0], shown[1]):
        return None
    return Mismatch(f"{between}, out of reach of {shown[2]}", remedy, sure=False)


def _targets(signals: Signals, seen: Criterion) -> tuple[float | None, float | None]:
    """The least and the greatest target of all looks."""
    told = [seen.get("target_min"), seen.get("target_max")]
    for fact in signals.facts("target")[-1:]:
        details = fact.get("details", {})
        told += [details.get("min"), details.get("max")]
    known = [float(value) for value in told if value is not None and math.isfinite(value)]
    return (min(known), max(known)) if known else (None, None)


def _of_layers(signals: Signals, thresholds: Thresholds) -> Mismatch | None:
    """Without a criterion: what the last layer's type and numbers, and the level of the loss, say."""
    descent = signals.once(bottomless)
    if descent is not None and descent.of_scores:
        why = f"{descent.why}: a likelihood of raw scores has no floor"
        return Mismatch(why, "Use F.cross_entropy on the raw scores, or end the network in LogSoftmax.")
    layers = signals.network.layers
    if not layers or layers[-1]["type"] != "Softmax" or not layers[-1]["output_shape"]:
        return None
    name, classes = layers[-1]["name"], int(layers[-1]["output_shape"][-1])
    if classes == 1:
        std = signals.of("activation_std", name).finite().values
        if not len(std) or std.any():
            return None
        return Mismatch("a softmax over one unit is constant", "Drop the softmax and use a sigmoid.")
    loss = signals.loss.finite.values
    if not len(loss) or signals.loss.windows is None:
        return None
    untrained = thresholds["untrained_low"] <= loss[0] / math.log(classes) <= thresholds["untrained_high"]
    floor = double_softmax_floor(classes)
    if not untrained or float(np.quantile(loss, 0.02)) < thresholds["floor_share"] * floor:
        return None
    return Mismatch(
        f"the network ends in a softmax, and the loss stays above {floor:.3g}, the least that a second one leaves",
        "Remove the softmax behind the output layer: F.cross_entropy takes raw scores.",
        sure=False,
    )
