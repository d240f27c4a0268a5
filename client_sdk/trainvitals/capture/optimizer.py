"""What an optimizer says about itself: its groups, its learning rates, and whether it skipped a step."""

from typing import Any

from trainvitals.collector import Collector, Number
from trainvitals.number import number

GROUP_SETTINGS = """
lr weight_decay momentum betas eps nesterov amsgrad maximize decoupled_weight_decay
"""


def has_closure(arguments: Any, options: Any) -> bool:
    """Whether `step` was given a closure: then gradients exist only inside it."""
    if len(arguments) == 1 and not options:
        # The first of the arguments is the optimizer itself.
        return False
    return any(callable(argument) for argument in arguments[1:]) or callable(options.get("closure"))


def skipped(optimizer: Any) -> bool:
    """Whether a fused optimizer was told to leave this step out (GradScaler found infinities).

    Read at once on the CPU; on an accelerator reading would wait for the device, and the step counts.
    """
    found = getattr(optimizer, "found_inf", None)
    return found is not None and found.device.type == "cpu" and bool(float(found) != 0.0)


class OptimizerFacts:
    """The `optimizer` fact, and the learning rate of each group."""

    def __init__(self, optimizer: Any, collector: Collector) -> None:
        self._optimizer = optimizer
        self._collector = collector
        self._keys: tuple[str, ...] = ()
        self._told: tuple[int, Any] = (-1, None)

    @staticmethod
    def members(optimizer: Any) -> set[int]:
        """The ids of all tensors that the optimizer moves."""
        return {id(tensor) for group in optimizer.param_groups for tensor in group["params"]}

    def changed(self) -> bool:
        """Whether the groups are others than told, learning rates and momentum apart: schedules move them."""
        return bool(self._told[1] != self._structure())

    def tell(self, step: int) -> None:
        """Once a step: two facts of one step mean two optimizers."""
        if step == self._told[0]:
            return
        self._told = (step, self._structure())
        groups = [
            {name: _plain(group[name]) for name in GROUP_SETTINGS.split() if name in group}
            | {"parameters": len(group["params"])}
            for group in self._optimizer.param_groups
        ]
        details = {"groups": groups}
        self._collector.fact(
            {"kind": "optimizer", "step": step, "type": type(self._optimizer).__name__, "details": details}
        )

    def _structure(self) -> list[tuple[Any, ...]]:
        return [
            (len(group["params"]), _plain(group.get("weight_decay")), _plain(group.get("eps")))
            for group in self._optimizer.param_groups
        ]

    def learning_rates(self) -> tuple[tuple[str, ...], tuple[Number, ...]]:
        """`learning_rate`, `learning_rate/group1`, ... and their values."""
        groups = self._optimizer.param_groups
        if len(groups) == len(self._keys) == 1 and type(groups[0].get("lr")) is float:
            return self._keys, (groups[0]["lr"],)
        rates = [group.get("lr") for group in groups]
        if any(rate is None for rate in rates):
            # An optimizer of the user's own may have another word for it.
            return (), ()
        if len(self._keys) != len(rates):
            self._keys = tuple("learning_rate" + (f"/group{place}" if place else "") for place in range(len(rates)))
        values = [rate if type(rate) is float else number(rate) for rate in rates]
        return self._keys, tuple(float("nan") if value is None else value for value in values)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    found = number(value)
    return float(found) if found is not None else repr(value)
