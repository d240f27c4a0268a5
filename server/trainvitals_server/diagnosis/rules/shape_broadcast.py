"""Shape broadcast: outputs and targets of different shapes are compared each with each."""

import math
from collections.abc import Iterator, Sequence

from trainvitals_server.diagnosis.criterion import BINARY, ELEMENTWISE
from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.loss_form import function_fed
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Shapes broadcast by accident",
    shows="The shapes of prediction and target in an elementwise loss: [n, 1] against [n] becomes [n, n]. Of a loss "
    "that is a function the gradient at the model's output tells whether all samples share their targets.",
    matters="Every prediction is compared with the targets of all samples, so that the best answer is their mean; the "
    "loss falls a little and stays there.",
    todo="Bring both to one shape: `output.squeeze(1)`, or `target.unsqueeze(1)`.",
    source="PyTorch's own warning in mse_loss; the broadcasting rules of NumPy",
    thresholds={
        "looks": Threshold(8, "batches whose gradients all follow from the outputs alone: one may do so by chance"),
        "varies": Threshold(1e-3, "targets that do not vary from batch to batch are one target, as of a critic"),
        "apart": Threshold(0.01, "standard deviations from the outputs' own mean, to which a penalty pulls them"),
    },
    needs=("criterion or layers",),
    by_definition=True,
)
BY_ELEMENTS = ELEMENTWISE | {"PoissonNLLLoss", "GaussianNLLLoss", "SoftMarginLoss"}


def unmeasured(signals: Signals) -> str | None:
    """Without a criterion only the gradient tells: of a single output, or where each row has a target of its own."""
    return None if signals.criterion or signals.facts("shared_target") else "pass criterion="


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding, by shapes or by gradients."""
    watched = signals.criterion and not signals.criterion.get("read_from")
    yield from _by_shapes(signals) if watched else _by_gradient(signals, thresholds)


def _by_gradient(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """Each output is sent what depends on it alone, and on a target that changes with the batch: the mean of all."""
    told = last_told(signals, "shared_target")
    if not told or signals.loss.game or told["looks"] < thresholds["looks"] or told["shared"] < told["looks"]:
        return
    if told["variation"] < thresholds["varies"] or told["apart"] < thresholds["apart"]:
        return
    # A binary cross-entropy refuses shapes that differ: whole batches of one label follow from their outputs as well.
    if function_fed(signals).get("type") in BINARY:
        return
    why = f"in all of {told['looks']} batches the gradient of a sample follows from its output alone"
    yield Finding(
        first_step=0,
        last_step=signals.step,
        value=float(told["looks"]),
        threshold="a target of its own for each sample",
        summary=f"{why[0].upper()}{why[1:]}: each output is compared with the targets of all samples",
        causes=(Cause("shape_broadcast", f"{why}, as where [n, 1] is compared with [n]", 0),),
        remedy="Give the loss one shape: output.squeeze(1) against target, or target.unsqueeze(1).",
        expect="The loss falls well below the variance of the targets.",
        by_definition=True,
    )


def _by_shapes(signals: Signals) -> Iterator[Finding]:
    """Where the compared block is larger than output and target alike, which no one means."""
    seen = signals.criterion
    output, target = seen.get("output_shape"), seen.get("target_shape")
    if output is None or target is None or output == target:
        return
    known = seen.get("type") in BY_ELEMENTS
    # A criterion of the user's own may reshape what it is given.
    if not known and not seen.get("broadcast"):
        return
    compared = _broadcast(output, target)
    if compared is None or math.prod(compared) <= max(math.prod(output), math.prod(target)):
        return
    why = f"output {output} against target {target} is compared as {compared}"
    yield Finding(
        first_step=int(seen.get("step", 0)),
        last_step=signals.step,
        value=float(math.prod(compared)),
        threshold="output and target of one shape",
        summary=f"{seen['type']} broadcasts {output} against {target} to {compared}",
        causes=(Cause("shape_broadcast", why, int(seen.get("step", 0))),),
        remedy="Give the loss one shape: criterion(output.squeeze(1), target), or target.unsqueeze(1).",
        expect="The loss falls well below the variance of the targets.",
        by_definition=known,
        blocking=not known,
    )


def _broadcast(one: Sequence[int], other: Sequence[int]) -> list[int] | None:
    """The shape that both broadcast to, None where they do not fit."""
    length = max(len(one), len(other))
    pairs = zip([1] * (length - len(one)) + list(one), [1] * (length - len(other)) + list(other), strict=True)
    found = [max(a, b) if a == b or 1 in (a, b) else -1 for a, b in pairs]
    return None if -1 in found else found
