"""Train and eval mode mixed up: dropout at work in evaluation, or training that goes on in evaluation mode."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import is_matrix
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.loss_names import VALIDATION_WORDS, words

RULE = Rule(
    title="Train and eval mode mixed up",
    shows="`module.training` in each phase: whether dropout and batch norms are in training mode in evaluation, and "
    "whether they are still in evaluation mode when training goes on.",
    matters="In training mode dropout blanks out a part of what is evaluated, and batch norms use the batch, and learn "
    "from it. In evaluation mode training goes on without dropout, and batch norms stand still.",
    todo="Call `model.eval()` before each evaluation and `model.train()` after it.",
    source="PyTorch documentation of Module.train and Module.eval; Humbatova et al. 2020, Taxonomy of Real Faults",
    thresholds={"evaluations": Threshold(2, "one forward pass without gradients may be a probe of the network")},
    needs=("modes",),
    by_definition=True,
)

Modes = Mapping[str, Any]


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding for evaluation and one for training."""
    told = [(int(fact["step"]), fact.get("details", {})) for fact in signals.facts("modes") if not fact.get("owner")]
    evaluating = [(step, modes) for step, modes in told if modes.get("phase") == "evaluation"]
    training = [(step, modes) for step, modes in told if modes.get("phase") == "training"]
    if evaluating and (found := _eval_forgotten(signals, evaluating, thresholds)):
        yield found
    if training and (found := _train_forgotten(signals, training)):
        yield found


def _eval_forgotten(signals: Signals, told: Sequence[tuple[int, Modes]], thresholds: Thresholds) -> Finding | None:
    """Dropout or batch norms in training mode while nothing is learned.

    Dropout alone, with the model in evaluation mode, is there on purpose: Monte Carlo dropout. So may be a forward
    pass without gradients in the midst of training; only what is validated is an evaluation, and who calls `eval()`
    for one forward pass leaves it out for another on purpose.
    """
    step, modes = told[-1]
    active = int(modes.get("dropout_training", 0)), int(modes.get("batch_norm_training", 0))
    if not modes.get("model_training") or modes.get("gradients") or not any(active):
        return None
    knows_eval = any(not earlier.get("model_training") for _, earlier in told)
    validated = not knows_eval and _validates(signals, int(thresholds["evaluations"]))
    why = f"in evaluation {_of_modules(*active)} in training mode"
    return Finding(
        series=None,
        first_step=step,
        last_step=signals.step,
        threshold="evaluation mode",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("train_eval_mode", why, step),),
        remedy="Call model.eval() before the evaluation, and model.train() after it.",
        expect="The validation loss becomes lower, and the same at each repetition.",
        worst="warning" if validated else "note",
        by_definition=True,
        aspect="evaluation",
    )


def _train_forgotten(signals: Signals, told: Sequence[tuple[int, Modes]]) -> Finding | None:
    """Training in evaluation mode, of a network in which that makes a difference.

    Batch norms alone in evaluation mode are a usual way of fine-tuning. A trained network that was never in training
    mode may be tuned so on purpose; one that was left it by accident, and a new one has its mode to learn in.
    """
    step, modes = told[-1]
    parts = int(modes.get("dropout", 0)), int(modes.get("batch_norm", 0))
    idle = parts[0] - int(modes.get("dropout_training", 0)), parts[1] - int(modes.get("batch_norm_training", 0))
    if modes.get("model_training", True) or not modes.get("gradients", True) or not any(parts) or idle != parts:
        return None
    trained_before = any(earlier.get("model_training") for _, earlier in told[:-1])
    # Running statistics that have seen no batch are 0 and 1: a norm that uses them normalises nothing.
    blank = modes.get("batch_norm_batches") == 0
    since = f"since step {step}" if trained_before else "from the start"
    why = f"{_of_modules(*idle)} in evaluation mode while the network is trained, {since}"
    return Finding(
        series=None,
        first_step=step,
        last_step=signals.step,
        threshold="training mode",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("train_eval_mode", why, step),),
        remedy="Call model.train() after each evaluation, and before training begins.",
        expect="Dropout is at work in training, and the running statistics of batch norms move.",
        by_definition=trained_before or blank or _untrained(signals),
        blocking=True,
        aspect="training",
    )


def _untrained(signals: Signals) -> bool:
    """Whether the network starts at chance: nobody leaves out the dropout of a new network on purpose.

    Frozen weights were learned elsewhere: at chance is only what was put behind them.
    """
    if any(is_matrix(parameter) and not parameter.get("trainable", True) for _, parameter in signals.network.left_out):
        return False
    start, chance = signals.loss.start, signals.loss.chance
    return start is not None and chance is not None and start >= signals.thresholds["chance"]["untrained_low"] * chance


def _of_modules(dropout: int, norms: int) -> str:
    counts = ((dropout, "dropout"), (norms, "batch norm"))
    parts = [f"{count} {name} layer{'s' if count > 1 else ''}" for count, name in counts if count]
    return f"{' and '.join(parts)} {'are' if dropout + norms > 1 else 'is'}"


def _at(signals: Signals, keys: Sequence[str]) -> bool:
    """Whether most forward passes without gradients were made where a validation was logged, not in each step."""
    passes = [fact["step"] for fact in signals.facts("batch") if fact["details"].get("phase") == "evaluation"]
    steps = np.unique(np.concatenate([signals.history(key).steps for key in keys]))
    near = [bool(np.abs(steps - step).min() <= 1) for step in set(passes)]
    return not near or sum(near) >= len(near) / 2


def _validates(signals: Signals, rounds: int) -> bool:
    """Whether what runs without gradients is a validation: logged as such, or the same held-out batch again."""
    if logged := [key for key in signals.metrics if words(key) & VALIDATION_WORDS]:
        return _at(signals, logged)
    batches = [fact.get("details", {}) for fact in signals.facts("batch")]
    seen = [batch for batch in batches if batch.get("phase") == "evaluation"]
    return sum(batch.get("input_seen_step") is not None for batch in seen) >= rounds
