"""What the optimizer's groups hold for each parameter at a sampled step, and its second moments on deep steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch

from trainvitals.capture.arrival import depart
from trainvitals.capture.flat import local, sampleable
from trainvitals.capture.layers import WatchedParameter
from trainvitals.capture.plane import Plane
from trainvitals.capture.ragged import Floats, Ragged
from trainvitals.collector import Number
from trainvitals.number import all_at_hand, number

SECOND_MOMENTS = ("max_exp_avg_sq", "exp_avg_sq", "square_avg", "sum")
"""AMSGrad; Adam and its kin; RMSprop; Adagrad."""
BIASED = ("max_exp_avg_sq", "exp_avg_sq")
"""Divided by 1 - beta2^t before the root is taken (Kingma and Ba 2015, algorithm 1)."""


class Setting(NamedTuple):
    """Of one parameter: its group's settings, and its type; `group` is None where no watched optimizer has it."""

    group: int | None
    trainable: bool
    has_gradient: bool
    dtype: str
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    decoupled: bool = False


class SecondMoments(NamedTuple):
    """Sampled second moments as the optimizer holds them; below its limit [rows] the root of an element, once
    bias-corrected, is below the epsilon that the update adds to it.
    """

    sampled: Ragged
    limits: Floats


Read = Callable[[], tuple[Mapping[str, Setting], SecondMoments | None]]


class Settings:
    """Reads the groups in place: schedules write to them."""

    def __init__(self, optimizer: Any, parameters: Sequence[WatchedParameter]) -> None:
        self._optimizer = optimizer
        self._parameters = parameters
        self._names = tuple(parameter.name for parameter in parameters)
        self._sizes: list[int] = []
        self._place: dict[int, int] = {}

    def read(self, plane: Plane | None) -> Read:
        """As they are now, for the worker; second moments go into the plane, a row for each parameter."""
        found = [] if self._optimizer is None else self._optimizer.param_groups
        groups = [_Group.of(self._optimizer, group) for group in found]
        place = self._places(found)
        members = [_member(parameter, place) for parameter in self._parameters]
        moments = self._moments(place, groups, plane) if plane is not None and groups else None

        def finish() -> tuple[Mapping[str, Setting], SecondMoments | None]:
            made = [group.settings() for group in groups]
            settings = {
                name: Setting(at, trainable, has_gradient, dtype, *(() if at is None else made[at]))
                for name, at, trainable, has_gradient, dtype in members
            }
            return settings, None if moments is None else moments()

        return finish

    def _places(self, groups: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
        """The group of each tensor by its id; read anew where a group has become longer or shorter."""
        sizes = [len(group["params"]) for group in groups]
        if sizes != self._sizes:
            self._sizes = sizes
            self._place = {id(tensor): at for at, group in enumerate(groups) for tensor in group["params"]}
        return self._place

    def _moments(
        self, place: Mapping[int, int], groups: Sequence["_Group"], plane: Plane
    ) -> Callable[[], SecondMoments] | None:
        held: list[tuple[_Group, str]] = []
        counts: list[Any] = []
        for row, parameter in enumerate(self._parameters):
            tensor = parameter.tensor
            state, at = self._optimizer.state.get(tensor), place.get(id(tensor))
            name = next((name for name in SECOND_MOMENTS if name in state), None) if state else None
            if name is None or at is None or groups[at].epsilon is None:
                continue
            moment = local(state[name])
            if isinstance(moment, torch.Tensor) and sampleable(moment):
                plane.put(row, moment)
                held.append((groups[at], name))
                counts.append(state.get("step"))
        if not held:
            return None
        arrive = _counted(counts)

        def finish() -> SecondMoments:
            limits = [group.limit(name, count) for (group, name), count in zip(held, arrive(), strict=True)]
            return SecondMoments(plane.ragged(self._names), np.array(limits))

        return finish


@dataclass(frozen=True, slots=True)
class _Group:
    learning_rate: Number
    weight_decay: Number
    decoupled: bool
    epsilon: float | None
    beta: float

    @classmethod
    def of(cls, optimizer: Any, group: Mapping[str, Any]) -> "_Group":
        decoupled = group.get("decoupled_weight_decay", type(optimizer).__name__ in ("AdamW", "SGDW", "Lion"))
        epsilon, betas = group.get("eps"), group.get("betas")
        rate, decay = number(group.get("lr", 0.0)), number(group.get("weight_decay", 0.0))
        return cls(
            0.0 if rate is None else rate,
            0.0 if decay is None else decay,
            bool(decoupled),
            float(epsilon) if isinstance(epsilon, float | int) else None,
            betas[1] if isinstance(betas, tuple | list) and len(betas) > 1 and isinstance(betas[1], float) else 0.0,
        )

    def settings(self) -> tuple[float, float, bool]:
        return float(self.learning_rate), float(self.weight_decay), self.decoupled

    def limit(self, name: str, count: float) -> float:
        """The second moment, after so many steps, whose corrected root is epsilon."""
        biased = name in BIASED and 0 < self.beta < 1 and count > 0
        return (self.epsilon or 0.0) ** 2 * (1 - self.beta**count if biased else 1.0)


def _member(parameter: WatchedParameter, place: Mapping[int, int]) -> tuple[str, int | None, bool, bool, str]:
    tensor = parameter.tensor
    at = place.get(id(tensor))
    return parameter.name, at, tensor.requires_grad, tensor.grad is not None, _type_name(tensor.dtype)


@cache
def _type_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _counted(counts: list[Any]) -> Callable[[], list[float]]:
    """The steps of each parameter so far; tensors of a device are copied, because the optimizer counts in place."""
    at_hand = all_at_hand(0.0 if count is None else count for count in counts)
    if at_hand is not None:
        return lambda: at_hand
    if not all(isinstance(count, torch.Tensor) for count in counts):
        return lambda: [0.0 if isinstance(count, torch.Tensor) else float(count or 0) for count in counts]
    if len({count.device for count in counts}) > 1:
        return lambda: [0.0] * len(counts)
    arrive = depart([torch.stack([count.detach().reshape(()) for count in counts])])
    return lambda: [float(count) for count in arrive()[0].tolist()]
