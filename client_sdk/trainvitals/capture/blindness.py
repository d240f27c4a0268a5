"""Layers whose outputs pass by unseen at sampled steps: inside graphs that were compiled without the hooks."""

from collections.abc import Callable

REPAIRS_MAX = 3
"""Graphs are dropped so often, because compiling them takes the user's time."""
BLIND_STEPS = 3
"""After so many sampled steps without any layer seen it is said."""
MESSAGE = (
    "no layer was seen at the sampled steps, only gradients and weights: the model runs inside a function that was "
    "compiled and called before watch, or its forward is called directly; call watch before the first step"
)


class Blindness:
    """Compares the rows of the layers that were seen in each sampled step with those seen before."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._known: set[int] = set()
        self._seen: set[int] = set()
        self._repairs = 0
        self._blind_steps = 0

    def saw(self, row: int) -> None:
        self._seen.add(row)

    def step_is_done(self, inside: Callable[[int], bool]) -> bool:
        """Whether graphs should be dropped; `inside` tells the layers whose graphs know their hooks: those may rest."""
        seen, self._seen = self._seen, set()
        missing = any(not inside(row) for row in self._known - seen)
        self._known |= seen
        if not self._known:
            self._blind_steps += 1
            if self._blind_steps == BLIND_STEPS:
                self._say("layers_unseen", MESSAGE)
        if not (missing or not self._known) or self._repairs == REPAIRS_MAX:
            return False
        self._repairs += 1
        return True
