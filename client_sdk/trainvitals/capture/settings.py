"""What the optimizer's groups hold for each parameter at a sampled step, and its second moments on deep steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainvitals.capture.arrival import depart
from trainvitals.capture.batch import Floats
from trainvitals.capture.flat import local, sampleable
from trainvitals.capture.layers import WatchedParameter
from trainvitals.capture.plane import Plane
from trainvitals.collector import Number
from trainvitals.number import number

SECOND_MOMENTS = ("max_exp_avg_sq", "exp_avg_sq", "square_avg", "sum")
"""AMSGrad; Adam and its kin; RMSprop; Adagrad."""
BIASED = ("max_exp_avg_sq", "exp_avg_sq")
"""Divided by 1 - beta2^t before the root is taken (Kingma and Ba 2015, algorithm 1)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Of one parameter: its group's settings, and its type; `group` is None where no watched optimizer has it."""

    group: int | None
    trainable: bool
    has_gradient: bool
    dtype: str
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    decoupled: bool = False


@dataclass(frozen=True, slots=True)
class SecondMoments:
    """Sampled elements of a parameter's second moment, bias-corrected [n]; the update divides by root plus epsilon."""

    values: Floats
    epsilon: float


Read = Callable[[], tuple[Mapping[str, Setting], Mapping[str, SecondMoments]]]


class Settings:
    """Reads the groups in place: schedules write to them."""

    def __init__(self, optimizer: Any, parameters: Sequence[WatchedParameter]) -> None:
        self._optimizer = optimizer
        self._parameters = parameters
        self._sizes: list[int] = []
        self._place: dict[int, int] = {}

    def read(self, plane: Plane | None) -> Read:
        """As they are now, for the worker; second moments go into the plane, a row for each parameter."""
        found = [] if self._optimizer is None else self._optimizer.param_groups
        groups = [_Group.of(self._optimizer, group) for group in found]
        place = self._places(found)
        members = [_member(parameter, place) for parameter in self._parameters]
        moments = self._moments(place, groups, plane) if plane is not None and groups else None

        def finish() -> tuple[Mapping[str, Setting], Mapping[str, SecondMoments]]:
            made = [group.settings() for group in groups]
            settings = {
                name: Setting(at, trainable, has_gradient, dtype, *(() if at is None else made[at]))
                for name, at, trainable, has_gradient, dtype in members
            }
            return settings, {} if moments is None else moments()

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
    ) -> Callable[[], Mapping[str, SecondMoments]] | None:
        names: dict[int, str] = {}
        counts: list[Any] = []
        for row, parameter in enumerate(self._parameters):
            state = self._optimizer.state.get(parameter.tensor)
            name = next((name for name in SECOND_MOMENTS if state and name in state), None)
            if name is None or state is None or id(parameter.tensor) not in place:
                continue
            moment = local(state[name])
            if isinstance(moment, torch.Tensor) and sampleable(moment):
                plane.put(row, moment)
                names[row] = name
                counts.append(state.get("step"))
        if not names:
            return None
        arrive = _counted(counts)

        def finish() -> Mapping[str, SecondMoments]:
            steps, rows = arrive(), plane.rows()
            found: dict[str, SecondMoments] = {}
            for count, (row, _, values) in zip(steps, rows, strict=True):
                parameter = self._parameters[row]
                group = groups[place[id(parameter.tensor)]]
                if group.epsilon is not None:
                    corrected = _corrected(values, count, names[row], group.beta)
                    found[parameter.name] = SecondMoments(corrected, group.epsilon)
            return found

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


def _member(parameter: WatchedParameter, place: Mapping[int, int]) -> tuple[str, int | None, bool, bool, str]:
    tensor = parameter.tensor
    at = place.get(id(tensor))
    return parameter.name, at, tensor.requires_grad, tensor.grad is not None, _type_name(tensor.dtype)


@cache
def _type_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _counted(counts: list[Any]) -> Callable[[], list[float]]:
    """The steps of each parameter so far; tensors are copied, because the optimizer counts in place."""
    if not all(isinstance(count, torch.Tensor) for count in counts):
        return lambda: [0.0 if isinstance(count, torch.Tensor) else float(count or 0) for count in counts]
    if len({count.device for count in counts}) > 1:
        return lambda: [0.0] * len(counts)
    arrive = depart([torch.stack([count.detach().reshape(()) for count in counts])])
    return lambda: [float(count) for count in arrive()[0].tolist()]


def _corrected(values: NDArray[np.float32], count: float, name: str, beta: float) -> Floats:
    found: Floats = values.astype(np.float64)
    rest = 1 - beta**count if name in BIASED and 0 < beta < 1 and count > 0 else 1.0
    return np.maximum(found, 0.0) / rest
