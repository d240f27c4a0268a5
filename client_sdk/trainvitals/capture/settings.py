"""What the optimizer's groups hold for each parameter at a sampled step, and its second moments on deep steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from trainvitals.capture.arrival import depart
from trainvitals.capture.batch import Floats
from trainvitals.capture.flat import local, sampleable
from trainvitals.capture.layers import WatchedParameter
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.rows import elements_of
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

    def read(self, deep: bool) -> Read:
        """As they are now, for the worker."""
        found = [] if self._optimizer is None else self._optimizer.param_groups
        groups = [_Group.of(self._optimizer, group) for group in found]
        place = self._places(found)
        members = [_member(parameter, place) for parameter in self._parameters]
        moments = self._moments(place) if deep and groups else None

        def finish() -> tuple[Mapping[str, Setting], Mapping[str, SecondMoments]]:
            made = [group.settings() for group in groups]
            settings = {
                name: Setting(at, trainable, has_gradient, dtype, *(() if at is None else made[at]))
                for name, at, trainable, has_gradient, dtype in members
            }
            return settings, {} if moments is None else moments(groups)

        return finish

    def _places(self, groups: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
        """The group of each tensor by its id; read anew where a group has become longer or shorter."""
        sizes = [len(group["params"]) for group in groups]
        if sizes != self._sizes:
            self._sizes = sizes
            self._place = {id(tensor): at for at, group in enumerate(groups) for tensor in group["params"]}
        return self._place

    def _moments(self, place: Mapping[int, int]) -> Callable[[list["_Group"]], Mapping[str, SecondMoments]] | None:
        names: list[tuple[str, int, str]] = []
        tensors: list[Any] = []
        for parameter in self._parameters:
            state = self._optimizer.state.get(parameter.tensor)
            name = next((name for name in SECOND_MOMENTS if state and name in state), None)
            if name is None or state is None or id(parameter.tensor) not in place:
                continue
            moment, count = local(state[name]), state.get("step")
            if isinstance(moment, torch.Tensor) and sampleable(moment):
                names.append((parameter.name, place[id(parameter.tensor)], name))
                tensors += [elements_of(moment, SAMPLES).values, _clone(count)]
        if not names:
            return None
        arrive = depart(tensors)

        def finish(groups: list[_Group]) -> Mapping[str, SecondMoments]:
            hosts = arrive()
            found: dict[str, SecondMoments] = {}
            for (owner, at, name), values, count in zip(names, hosts[::2], hosts[1::2], strict=True):
                epsilon = groups[at].epsilon
                if epsilon is not None:
                    found[owner] = SecondMoments(_corrected(values, float(count), name, groups[at].beta), epsilon)
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


def _clone(count: Any) -> Any:
    return count.detach().clone() if isinstance(count, torch.Tensor) else torch.tensor(float(count or 0))


def _corrected(values: Any, count: float, name: str, beta: float) -> Floats:
    found: Floats = values.double().numpy().ravel()
    rest = 1 - beta**count if name in BIASED and 0 < beta < 1 and count > 0 else 1.0
    return np.maximum(found, 0.0) / rest
