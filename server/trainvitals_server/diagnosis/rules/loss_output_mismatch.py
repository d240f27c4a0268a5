"""Output does not fit the loss: a softmax too many, logits where probabilities belong, or a range out of reach."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.criterion import ELEMENTWISE, Criterion, within
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Output does not fit the loss",
    shows="What the criterion is fed beside what it asks for: rows that sum to 1 in a cross-entropy on logits, a "
    "softmax over one unit, a sigmoid before a loss on logits, positive values in NLLLoss, targets that the last "
    "activation cannot reach.",
    matters="A second softmax flattens the gradient, a softmax over one unit is the constant 1, and no training brings "
    "a bounded output to a target outside its range.",
    todo="CrossEntropyLoss and BCEWithLogitsLoss take raw scores; NLLLoss takes LogSoftmax; regression ends in a "
    "linear layer.",
    source="PyTorch documentation of the losses; Zhang et al. 2021, AUTOTRAINER; Humbatova et al. 2020",
    thresholds={
        "row_sum_tolerance": Threshold(1e-3, "the rounding of a softmax in half precision"),
        "range_tolerance": Threshold(0.05, "targets may overshoot the reach by this share of their range"),
    },
    needs=("criterion",),
    by_definition=True,
)
BOUNDS = {"Sigmoid": (0.0, 1.0), "Hardsigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
RECTIFIERS = frozenset({"ReLU", "ReLU6", "Softplus"})
UNBOUNDED = float("inf")

Mismatch = tuple[str, str]
"""What is wrong, and what to do."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding."""
    seen = signals.criterion
    last = _output_activation(signals.network, seen)
    found = (
        _one_unit(seen, last)
        or _probabilities_for_logits(seen, last, thresholds)
        or _positive_log(seen)
        or _out_of_reach(seen, last, thresholds)
    )
    if found is None:
        return
    why, remedy = found
    step = int(seen.get("step", 0))
    yield Finding(
        layer=signals.network.layers[-1]["name"] if last else None,
        first_step=step,
        last_step=signals.step,
        threshold=f"what {seen['type']} asks for",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("loss_output_mismatch", why, step),),
        remedy=remedy,
        expect="The loss starts at chance and falls clearly below it.",
        by_definition=True,
    )


def _output_activation(network: Network, seen: Criterion) -> str:
    """The type of the last layer in forward order where its output is what the criterion is fed, else nothing."""
    if not network.layers or not seen.get("output_shape"):
        return ""
    last = network.layers[-1]
    return last["type"] if (last["output_shape"] or [])[1:] == seen["output_shape"][1:] else ""


def _one_unit(seen: Criterion, last: str) -> Mismatch | None:
    shape = seen.get("output_shape") or []
    if len(shape) < 2 or shape[1] != 1:
        return None
    if seen["type"] == "CrossEntropyLoss" and seen.get("label_counts"):
        return "CrossEntropyLoss over one unit is always 0", "Use BCEWithLogitsLoss, or one output unit for each class."
    if last in ("Softmax", "LogSoftmax") and (within(seen, "output", 1.0, 1.0) or within(seen, "output", 0.0, 0.0)):
        return f"a {last} over one unit is constant", "Drop the softmax and use BCEWithLogitsLoss."
    return None


def _probabilities_for_logits(seen: Criterion, last: str, thresholds: Thresholds) -> Mismatch | None:
    if not within(seen, "output", 0.0, 1.0):
        return None
    tolerance = thresholds["row_sum_tolerance"]
    if seen["type"] == "CrossEntropyLoss" and within(seen, "output_row_sum", 1 - tolerance, 1 + tolerance):
        return (
            "the rows fed to CrossEntropyLoss sum to 1: it is given probabilities, and applies a second softmax",
            "Remove the softmax before the loss, or take the logarithm and use NLLLoss.",
        )
    if seen["type"] == "BCEWithLogitsLoss" and last in ("Sigmoid", "Softmax"):
        return (
            f"BCEWithLogitsLoss is fed the output of a {last}, and applies a second sigmoid",
            f"Remove the {last}, or use BCELoss.",
        )
    return None


def _positive_log(seen: Criterion) -> Mismatch | None:
    if seen.get("type") != "NLLLoss" or not (seen.get("output_max") or 0.0) > 0:
        return None
    return (
        f"NLLLoss is fed values up to {seen['output_max']:.3g}: a logarithm of a probability is never above 0",
        "Use CrossEntropyLoss on the raw scores, or end the network in LogSoftmax.",
    )


def _out_of_reach(seen: Criterion, last: str, thresholds: Thresholds) -> Mismatch | None:
    low, high = (0.0, UNBOUNDED) if last in RECTIFIERS else BOUNDS.get(last, (-UNBOUNDED, UNBOUNDED))
    least, greatest = seen.get("target_min"), seen.get("target_max")
    if (
        seen.get("type") not in ELEMENTWISE
        or least is None
        or greatest is None
        or not within(seen, "output", low, high)
    ):
        return None
    room = thresholds["range_tolerance"] * (greatest - least)
    if least >= low - room and greatest <= high + room:
        return None
    return (
        f"targets lie between {least:.3g} and {greatest:.3g}, the {last} of the output reaches {low:g} to {high:g}",
        "End the network in a linear layer, or scale the targets into the range of its activation.",
    )
