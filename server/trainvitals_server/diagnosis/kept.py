"""Findings that stand: made once, and read anew only when somebody reads them."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar

from trainvitals_server.diagnosis.finding import Finding

Make = Callable[[], Finding]
T = TypeVar("T")


class Kept:
    """A finding as it was first made, and what makes it as it reads now."""

    __slots__ = ("finding", "make", "told")

    def __init__(self, told: Hashable, make: Make) -> None:
        self.told = told
        self.make = make
        self.finding = replace(make(), renewed=self._now)

    def _now(self) -> Finding:
        return self.make()


class Shelf:
    """The findings of one rule that stand, by place, and what it computed for them."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Kept] = {}
        self._remembered: dict[Hashable, tuple[Hashable, Any]] = {}
        self._onsets: dict[Hashable, tuple[int, int]] = {}

    def remember(self, place: Hashable, told: Hashable, compute: Callable[[], T]) -> T:
        """What was computed for a place while `told` was what it is."""
        known = self._remembered.get(place)
        if known is None or known[0] != told:
            known = self._remembered[place] = told, compute()
        found: T = known[1]
        return found

    def onset(self, place: Hashable, first_step: int, last_step: int, looked_from: int) -> int:
        """Since when a state holds that was looked at from a step on only, and may have held before."""
        known, seen = self._onsets.get(place, (first_step, last_step))
        onset = min(known, first_step) if first_step <= looked_from <= seen else first_step
        self._onsets[place] = onset, last_step
        return onset

    def keep(self, place: Hashable, told: Hashable, make: Make) -> Finding:
        """The finding about a place, made anew only where `told` has changed.

        `told` is all that decides on the finding but for its last step, value and words; those are read from `make`
        when the warning is written.
        """
        kept = self._kept.get(place)
        if kept is None or kept.told != told:
            kept = self._kept[place] = Kept(told, make)
        kept.make = make
        return kept.finding
