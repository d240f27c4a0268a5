"""A training of the demo: a name, what is told of it, and the loop that runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

OnStep = Callable[[int, float], object]
"""Called after each completed step with the step, from 0, and its loss."""


class Run(Protocol):
    """What a training needs of `trainvitals.Run`, so that a test can give it anything that watches and logs."""

    def watch(self, model: Any, optimizer: Any = None, criterion: Any = None, /) -> Any:
        """Watch a network."""
        ...

    def log(self, values: Mapping[str, Any], /) -> Any:
        """Log metrics of the step last completed."""
        ...


class Train(Protocol):
    """The loop of a training, seeded: the same steps give the same losses."""

    def __call__(self, run: Run, *, steps: int = ..., on_step: OnStep = ...) -> None:
        """Train for `steps` optimizer steps."""
        ...


@dataclass(frozen=True)
class Training:
    """One run of the demo."""

    name: str
    notes: str
    train: Train
    steps: int
    config: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


def ignore(step: int, loss: float) -> None:
    """The `on_step` of a caller who does not want to know."""
