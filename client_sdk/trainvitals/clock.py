"""The run's clock: which step a number belongs to."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from trainvitals_wire.limits import STEP_MAX


class Clock:
    """Counts completed steps from `first_step`.

    With an optimizer as `driver` a step is one completed `optimizer.step()`; without one each `log` is. `listeners`
    hear of each step that is done.
    """

    def __init__(self, first_step: int = 0) -> None:
        self._first = first_step
        self._completed = first_step - 1
        self.driver: Any = None
        self.listeners: list[Callable[[int], None]] = []

    @property
    def driven_by(self) -> Literal["log", "optimizer"]:
        return "log" if self.driver is None else "optimizer"

    @property
    def current(self) -> int:
        """The step last completed; the first step before that."""
        return max(self._completed, self._first)

    @property
    def coming(self) -> int:
        """The step that is being computed."""
        return self._completed + 1

    def complete(self) -> int:
        """One step is done; gives its number."""
        self._completed += 1
        if self.listeners:
            for listener in tuple(self.listeners):
                listener(self._completed)
        return self._completed

    def of_log(self) -> int:
        """The step of a `log` call that names none."""
        return self.complete() if self.driver is None else self.current


def checked_step(step: object) -> int | None:
    """An explicit step as a whole number from 0 to 2^53, None where it is none."""
    index = getattr(step, "__index__", None)
    if isinstance(step, bool) or index is None:
        whole = isinstance(step, float | np.floating) and float(step).is_integer() and 0 <= step <= STEP_MAX
        return int(step) if whole else None  # type: ignore[call-overload]
    try:
        number = int(index())
    except Exception:
        return None
    return number if 0 <= number <= STEP_MAX else None
