"""Shape broadcast: outputs and targets of different shapes are compared each with each."""

import math
from collections.abc import Iterator, Sequence

from trainvitals_server.diagnosis.criterion import ELEMENTWISE
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="Shapes broadcast by accident",
    shows="The shapes of prediction and target in an elementwise loss: [n, 1] against [n] becomes [n, n].",
    matters="Every prediction is compared with the targets of all samples, so that the best answer is their mean; the "
    "loss falls a little and stays there.",
    todo="Bring both to one shape: `output.squeeze(1)`, or `target.unsqueeze(1)`.",
    source="PyTorch's own warning in mse_loss; the broadcasting rules of NumPy",
    thresholds={},
    needs=("criterion",),
    by_definition=True,
)
BY_ELEMENTS = ELEMENTWISE | {"PoissonNLLLoss", "GaussianNLLLoss", "SoftMarginLoss"}


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding where the compared block is larger than output and target alike, which no one means."""
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
