"""The hunt for the first value of each kind that is not finite: seen, or already located."""

from typing import Literal

Where = Literal["input", "activation", "gradient", "weight"]
TRIES = 3
"""Deep steps that search after a sight, on accelerators: to ask first whether a tensor is finite would mean to wait."""


class Hunt:
    """The worker sees, the training thread locates; each only ever adds to its own part."""

    def __init__(self) -> None:
        self._done: set[Where] = set()
        self._tries: dict[Where, int] = {}

    def see(self, where: Where, *, located: bool) -> None:
        """A value was seen; once located it is looked for no more."""
        if located:
            self._done.add(where)
        self._tries[where] = 0 if located else TRIES

    def open(self, where: Where) -> bool:
        """Whether the place is still wanted."""
        return where not in self._done

    def blind(self, where: Where) -> bool:
        """Whether to search without knowing that there is anything; counts as a try."""
        left = self._tries.get(where, 0)
        if left and where not in self._done:
            self._tries[where] = left - 1
            return True
        return False
