"""The loss of a network that knows nothing but the targets' distribution: what any training must beat."""

import math
from collections.abc import Mapping
from typing import Any

from trainvitals_server.diagnosis.criterion import BINARY, CLASS_INDEX, Criterion, labels
from trainvitals_server.diagnosis.network import Network
from trainvitals_server.diagnosis.threshold import Thresholds

SQUARED = frozenset({"MSELoss"})


def chance_level(facts: Criterion, network: Network, first_loss: float | None, thresholds: Thresholds) -> float | None:
    """The loss at chance, None where it cannot be told; `facts` as `criterion.with_targets` gives them.

    Cross-entropy: the entropy of the labels seen, else ln C; binary cross-entropy: the entropy of the prior, else
    ln 2; squared error: the variance of the targets. Where classes are weighted the entropy of the weighted labels is
    not known, only that it is at most ln C. Without a criterion a first loss near ln C, with C the width of the
    output, stands for a cross-entropy.
    """
    if not facts:
        return _guessed(network, first_loss, thresholds)
    kind = str(facts.get("type", ""))
    if facts.get("reduction", "mean") != "mean":
        return _summed(facts, first_loss, thresholds)
    if _weighted(facts) and kind in CLASS_INDEX | BINARY:
        return _ln_classes(facts, thresholds) if kind in CLASS_INDEX else None
    if kind in CLASS_INDEX:
        return _label_entropy(facts, thresholds) or _ln_classes(facts, thresholds)
    if kind in BINARY:
        return _label_entropy(facts, thresholds) or math.log(2)
    if kind in SQUARED:
        return _target_variance(facts)
    if _looks_like_cross_entropy(facts, first_loss, thresholds):
        return _label_entropy(facts, thresholds)
    return _guessed(network, first_loss, thresholds)


def untrained_level(facts: Criterion, thresholds: Thresholds) -> float:
    """What a network that prefers no class scores, 0 where there are no classes: above chance where some are rare."""
    if facts.get("type") in BINARY:
        return math.log(2)
    return (_ln_classes(facts, thresholds) or 0.0) if facts.get("type") in CLASS_INDEX else 0.0


def _summed(facts: Criterion, first_loss: float | None, thresholds: Thresholds) -> float | None:
    """Chance of a sum of cross-entropies over the batch, where the loss is logged as that sum."""
    shape, one = facts.get("target_shape"), _ln_classes(facts, thresholds)
    if (
        facts.get("reduction") != "sum"
        or facts.get("type") not in CLASS_INDEX
        or not shape
        or not one
        or _weighted(facts)
    ):
        return None
    level = math.prod(shape) * one
    return level if first_loss is not None and first_loss >= thresholds["untrained_low"] * level else None


def _weighted(facts: Criterion) -> bool:
    """Whether some classes weigh more than others; of a binary loss the positives."""
    return facts.get("weight_min") != facts.get("weight_max") or facts.get("pos_weight_max", 1.0) != 1.0


def _looks_like_cross_entropy(facts: Mapping[str, Any], first_loss: float | None, thresholds: Thresholds) -> bool:
    """A criterion of the user's own, told by its integer targets and its first value."""
    chance = _ln_classes(facts, thresholds) if facts.get("label_counts") else None
    return chance is not None and first_loss is not None and _untrained(first_loss, chance, thresholds)


def _label_entropy(facts: Mapping[str, Any], thresholds: Thresholds) -> float | None:
    numbers = labels(facts)
    total = sum(numbers)
    # A handful of labels says little about the prior of many classes.
    if len(numbers) < thresholds["classes_min"] or total < thresholds["labels_a_class"] * len(numbers):
        return None
    entropy = -sum(n / total * math.log(n / total) for n in numbers if n > 0)
    # The entropy of a sample is too low by this much (Miller 1955).
    return entropy + (len(numbers) - 1) / (2 * total)


def _ln_classes(facts: Mapping[str, Any], thresholds: Thresholds) -> float | None:
    shape = facts.get("output_shape")
    classes = int(facts.get("classes") or (shape[1 if len(shape) > 1 else 0] if shape else 0))
    return float(math.log(classes)) if classes >= thresholds["classes_min"] else None


def _target_variance(facts: Mapping[str, Any]) -> float | None:
    if facts.get("target_variance"):
        return float(facts["target_variance"])
    return float(facts["target_std"]) ** 2 if facts.get("target_std") else None


def _guessed(network: Network, first_loss: float | None, thresholds: Thresholds) -> float | None:
    if not network.layers or first_loss is None:
        return None
    shape = network.layers[-1]["output_shape"]
    if not shape or shape[-1] < thresholds["classes_min"]:
        return None
    chance = math.log(shape[-1])
    return chance if _untrained(first_loss, chance, thresholds) else None


def _untrained(first_loss: float, chance: float, thresholds: Thresholds) -> bool:
    return thresholds["untrained_low"] * chance <= first_loss <= thresholds["untrained_high"] * chance
