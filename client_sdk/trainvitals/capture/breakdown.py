"""The breakdown: which tensors of a batch were not finite when its loss was not, looked at on the spot.

Between samples nobody looks at layers, and one step later every weight is NaN. What the loss was made of is still there
when it breaks: the model's input, and what the criterion was fed.
"""

import weakref
from typing import Any

import torch

from trainvitals.capture.flat import first_floating, local, numeric
from trainvitals.capture.hunt import Hunt
from trainvitals.capture.location import Location, locate
from trainvitals.collector import Collector
from trainvitals_wire.names import CRITERION_LOSS_KEY

FED = ("output", "target")
"""What a loss takes, in this order."""


class Breakdown:
    """Told once, of the host alone: elsewhere a loss is known to be broken when its batch is gone."""

    def __init__(self, collector: Collector, hunt: Hunt) -> None:
        self._collector = collector
        self._hunt = hunt
        self._input: weakref.ref[Any] | None = None
        self._told = False

    def begins(self, arguments: Any) -> None:
        """A training pass of the whole model: its first argument is remembered as long as others hold it."""
        first = arguments[0] if arguments else None
        self._input = weakref.ref(first) if isinstance(first, torch.Tensor) else None

    def look(self, step: int, fed: Any = ()) -> None:
        """The loss of a step is not finite; `fed`: the arguments of the criterion, where one is watched."""
        if self._told:
            return
        seen = {"input": self._remembered()}
        seen |= zip(FED, (part for part in fed if isinstance(part, torch.Tensor)), strict=False)
        found = {name: _located(tensor) for name, tensor in seen.items() if tensor is not None}
        counts = {name: 0 if place is None else place.count for name, place in found.items()}
        if not counts:
            return
        self._told = True
        place = found.get("input")
        if place is not None and self._hunt.open("input"):
            self._hunt.see("input", located=True)
            self._tell(step, "input", "", {"exact": True, **place.details()})
        self._tell(step, "loss", CRITERION_LOSS_KEY, {"nonfinite": counts})

    def _tell(self, step: int, where: str, owner: str, details: dict[str, Any]) -> None:
        fact: Any = {"kind": "nonfinite", "step": step, "where": where, "owner": owner, "details": details}
        self._collector.fact(fact)

    def _remembered(self) -> Any:
        tensor = None if self._input is None else self._input()
        # Torch may have kept the tensor and let its Python side go: it is to come back as what it was.
        mend = getattr(tensor, "_fix_weakref", None)
        if mend is not None:
            mend()
        return tensor


def _located(tensor: Any) -> Location | None:
    """The first element that is not finite; whole numbers all are."""
    tensor = first_floating(local(tensor), accepts=numeric)
    if tensor is None or not tensor.is_cpu or not tensor.numel():
        return None
    return Location.read(locate(tensor), tuple(tensor.shape))
