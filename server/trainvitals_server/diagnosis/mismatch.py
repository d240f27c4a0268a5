"""What of the criterion, its input and the last layer alone says that they do not fit; None where they may."""

from dataclasses import dataclass

from trainvitals_server.diagnosis.criterion import LOG_PROBABILITIES, Criterion, within
from trainvitals_server.diagnosis.loss_form import LIKELIHOOD
from trainvitals_server.diagnosis.output import RECTIFIERS

SQUASHING = RECTIFIERS | {"Sigmoid", "Hardsigmoid", "Tanh", "Hardtanh"}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What is wrong, and what to do; `sure` where nothing else can give these numbers."""

    why: str
    remedy: str
    sure: bool = True


def squashed_between(seen: Criterion) -> Mismatch | None:
    """A function between the model and the loss that the loss applies itself, or whose logarithm it takes for given."""
    squashed = seen["squashed"]
    if not squashed:
        return None
    if seen["type"] == LIKELIHOOD:
        return Mismatch(
            f"a likelihood is fed a {squashed}, and takes it for a logarithm",
            "Use F.cross_entropy on the raw scores, or F.log_softmax in place of the softmax.",
        )
    return Mismatch(
        f"the loss is that of {seen['type']}, and is fed a {squashed} of the output, which it applies itself",
        f"Remove the {squashed} before the loss: it takes raw scores.",
    )


def one_unit(seen: Criterion) -> Mismatch | None:
    """One score a sample, of which a softmax or a cross-entropy over classes makes a constant."""
    shape, target = seen.get("output_shape") or [], seen.get("target_shape") or []
    if seen.get("type") == "CrossEntropyLoss" and len(shape) > 1 and shape[1] == 1:
        return Mismatch(
            "CrossEntropyLoss over one unit is always 0", "Use BCEWithLogitsLoss, or one output unit for each class."
        )
    batch = (seen.get("input_shape") or [0])[0]
    if seen.get("type") == "CrossEntropyLoss" and len(shape) == 1 and shape == target and shape[0] == batch > 1:
        return Mismatch(
            f"CrossEntropyLoss is fed one number a sample, and takes the {batch} samples for classes",
            "Use BCEWithLogitsLoss, or one output unit for each class.",
        )
    if len(shape) > 1 and shape[1] == 1 and shape[0] > 1:
        if within(seen, "output", 1.0, 1.0):
            return Mismatch("a softmax over one unit is constant", "Drop the softmax and use BCEWithLogitsLoss.")
        if within(seen, "output", 0.0, 0.0) and seen.get("type") in LOG_PROBABILITIES:
            return Mismatch("a log-softmax over one unit is constant", "Drop it and use BCEWithLogitsLoss.")
    return None


def squashed_scores(seen: Criterion, last: str) -> Mismatch | None:
    """Scores of classes behind an activation that bounds them; `last` is the type of the last layer."""
    if seen.get("type") != "CrossEntropyLoss" or last not in SQUASHING:
        return None
    return Mismatch(
        f"CrossEntropyLoss is fed the output of a {last}, and no class can score beyond its reach",
        f"Remove the {last} behind the output layer: CrossEntropyLoss takes raw scores.",
        sure=last in ("Sigmoid", "Hardsigmoid"),
    )


def cut_scores(seen: Criterion, tolerance: float) -> Mismatch | None:
    """The model gives scores, and what lies outside 0 to 1 is cut off before a loss of probabilities."""
    least, greatest = seen.get("output_min"), seen.get("output_max")
    if seen.get("type") != "BCELoss" or least is None or greatest is None:
        return None
    if least >= -tolerance and greatest <= 1 + tolerance:
        return None
    return Mismatch(
        f"a binary cross-entropy of probabilities is fed scores from {least:.3g} to {greatest:.3g}: what is cut off "
        "there has no gradient",
        "Use F.binary_cross_entropy_with_logits on the raw scores, or a sigmoid in place of the cut.",
    )


def positive_log(seen: Criterion) -> Mismatch | None:
    """Logarithms of probabilities that are above 0."""
    if seen.get("type") not in LOG_PROBABILITIES or not (seen.get("output_max") or 0.0) > 0:
        return None
    return Mismatch(
        f"{seen['type']} is fed values up to {seen['output_max']:.3g}: a logarithm of a probability is never above 0",
        "Use CrossEntropyLoss on the raw scores, or end the network in LogSoftmax.",
    )
