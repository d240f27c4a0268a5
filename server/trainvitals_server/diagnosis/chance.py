"""The loss of a network that knows nothing but the targets' distribution: what any training must beat."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.records import Fact

CROSS_ENTROPY = frozenset({"CrossEntropyLoss", "NLLLoss"})
BINARY = frozenset({"BCEWithLogitsLoss", "BCELoss"})
SQUARED = frozenset({"MSELoss"})
NEAR_LN_CLASSES = 0.25
"""A first loss this close (relative) to ln C, with C outputs, is taken for a cross-entropy."""
CLASSES_MIN = 2


def chance_level(criterion: Sequence[Fact], network: Network, first_loss: float | None) -> float | None:
    """The loss at chance, None where it cannot be told.

    Cross-entropy: the entropy of the labels seen, else ln C; binary cross-entropy: the entropy of the prior, else
    ln 2; squared error: the variance of the targets. Without a criterion a first loss near ln C, with C the width of
    the output, stands for a cross-entropy.
    """
    if not criterion:
        return _guessed(network, first_loss)
    facts = _merged(criterion)
    kind = str(facts.get("type", ""))
    if facts.get("reduction", "mean") != "mean":
        return None
    if kind in CROSS_ENTROPY:
        return _label_entropy(facts) or _ln_classes(facts)
    if kind in BINARY:
        return _label_entropy(facts) or math.log(2)
    if kind in SQUARED:
        return _target_variance(facts)
    return _guessed(network, first_loss)


def _merged(criterion: Sequence[Fact]) -> dict[str, Any]:
    """All facts of the criterion as one: later ones replace, `details` lie flat beside the rest."""
    merged: dict[str, Any] = {}
    for fact in criterion:
        merged.update(fact)
        merged.update(fact.get("details", {}))
    return merged


def _label_entropy(facts: Mapping[str, Any]) -> float | None:
    counts = facts.get("label_counts")
    numbers = list(counts.values()) if isinstance(counts, Mapping) else list(counts or ())
    total = sum(numbers)
    # A handful of labels says little about the prior of many classes.
    if len(numbers) < CLASSES_MIN or total < 10 * len(numbers):
        return None
    return -sum(n / total * math.log(n / total) for n in numbers if n > 0) or None


def _ln_classes(facts: Mapping[str, Any]) -> float | None:
    shape = facts.get("output_shape")
    classes = facts.get("classes") or (shape[1 if len(shape) > 1 else 0] if shape else None)
    return math.log(classes) if classes and classes >= CLASSES_MIN else None


def _target_variance(facts: Mapping[str, Any]) -> float | None:
    if facts.get("target_variance"):
        return float(facts["target_variance"])
    return float(facts["target_std"]) ** 2 if facts.get("target_std") else None


def _guessed(network: Network, first_loss: float | None) -> float | None:
    if not network.layers or first_loss is None:
        return None
    shape = network.layers[-1]["output_shape"]
    if not shape or shape[-1] < CLASSES_MIN:
        return None
    chance = math.log(shape[-1])
    return chance if abs(first_loss - chance) <= NEAR_LN_CLASSES * chance else None
