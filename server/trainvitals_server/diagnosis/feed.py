"""What the network was fed, as the looks at batches told it: inputs, labels, targets."""

from collections.abc import Mapping
from typing import Any

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals

Details = Mapping[str, Any]


def told(signals: Signals, kind: str) -> tuple[Details, ...]:
    """The details of each fact of a kind about the first watched model, in the order they came."""
    return tuple(fact.get("details", {}) for fact in signals.facts(kind) if not fact.get("owner"))


def last_told(signals: Signals, kind: str) -> Details:
    """All that is known of a kind by now, empty where nothing is; a later fact holds what an earlier one did."""
    return next((fact.get("details", {}) for fact in reversed(signals.facts(kind)) if not fact.get("owner")), {})


def training_batches(signals: Signals) -> tuple[tuple[int, Details], ...]:
    """Step and details of each training batch that was looked at and told of, by step."""
    facts = [fact for fact in signals.facts("batch") if not fact.get("owner")]
    found = [(fact["step"], fact["details"]) for fact in facts if fact["details"].get("phase") == "training"]
    return tuple(sorted(found, key=lambda entry: entry[0]))


def evaluated_batches(signals: Signals) -> tuple[Details, ...]:
    """Details of each batch of an evaluation that was looked at."""
    return tuple(batch for batch in told(signals, "batch") if batch.get("phase") == "evaluation")


def evaluated_in_training_mode(signals: Signals) -> bool:
    """Whether dropout or batch norms were in training mode when something was last evaluated.

    Predictions hang on what else is in the batch then, or on what was blanked out.
    """
    modes = next((seen for seen in reversed(told(signals, "modes")) if seen.get("phase") == "evaluation"), {})
    active = modes.get("dropout_training") or modes.get("batch_norm_training")
    return bool(modes.get("model_training") and active and not modes.get("gradients"))


COMPARED = 64
"""Samples of a batch that are compared with each other."""


def copies(batch: Details) -> bool:
    """Whether a batch holds one sample, several times."""
    size = int(batch.get("size", 0))
    return size > 1 and 0 < float(batch.get("distinct_rows", 1.0)) * min(size, COMPARED) < 1.5


def samples_of(seen: Details) -> int:
    """How many samples a batch holds, 0 where it is not known."""
    shape = seen.get("shape") or seen.get("input_shape") or [0]
    return int(shape[0])


def one_label_a_sample(signals: Signals) -> bool:
    """Whether each sample has one class label: pixels of an image and tokens of a text are no samples of their own."""
    seen = signals.criterion
    target, fed = seen.get("target_shape") or [], seen.get("input_shape") or []
    wide = len(target) > 2 or (len(target) == 2 and target[1] > 1)
    return bool(target) and not wide and (not fed or fed[0] == target[0])


def one_output_a_sample(signals: Signals, size: int) -> bool:
    """Whether the network tells one thing of each sample: a poem or a picture is learned by heart as a whole."""
    network = signals.network
    shape = (network.layers[network.output_place]["output_shape"] if network.layers else None) or []
    return len(shape) <= 2 and shape[:1] == [size]


def size(mean: History, std: History) -> History:
    """The root mean square of what has these means and standard deviations at the same steps."""
    if len(mean) != len(std) or (mean.steps != std.steps).any():
        return History(mean.steps[:0], mean.values[:0])
    return History(mean.steps, (mean.values**2 + std.values**2) ** 0.5)
