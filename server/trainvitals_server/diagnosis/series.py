"""The series of one run as far as they are remembered: what rules read of them, one by one or side by side."""

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

from trainvitals_server.diagnosis.block import BLOCK_CELLS_MAX, Block, Floats, RowFunction
from trainvitals_server.diagnosis.history import EMPTY, History
from trainvitals_server.diagnosis.table import Table
from trainvitals_wire.frame import Frame
from trainvitals_wire.names import SYSTEM_PREFIX

T = TypeVar("T")

BLOCKS_MAX = 256
"""Most column lists remembered; the one unused for longest is forgotten."""


class Series:
    """The frames of one run, by column list; `cells_max` bounds what is remembered of each list."""

    def __init__(self, cells_max: int = BLOCK_CELLS_MAX) -> None:
        self._cells_max = cells_max
        self.step = -1
        self._blocks: dict[tuple[str, ...], Block] = {}
        self._histories: dict[str, History] = {}
        self._firsts: dict[tuple[str, str], float] = {}
        self._at_start: dict[Hashable, Any] = {}

    @property
    def nbytes(self) -> int:
        """Memory taken by what is remembered of the series, in bytes."""
        return sum(block.nbytes for block in self._blocks.values())

    def history(self, key: str) -> History:
        """One series, empty where it was never logged."""
        if key not in self._histories:
            self._histories[key] = _joined([block.column(key) for block in self._blocks.values() if key in block.place])
        return self._histories[key]

    def of(self, statistic: str, owner: str) -> History:
        """One statistic of one layer or parameter."""
        return self.history(f"{statistic}/{owner}")

    def first(self, statistic: str, owner: str) -> float:
        """The value at step 0, NaN where it is not known."""
        known = self._firsts.get((statistic, owner))
        if known is None:
            key = f"{statistic}/{owner}"
            starting = (block for block in self._blocks.values() if key in block.place and block.steps[0] == 0)
            known = self._firsts[statistic, owner] = next((block.first(key) for block in starting), math.nan)
        return known

    def firsts(self, statistic: str, owners: Sequence[str]) -> Floats:
        """The values [owners] at step 0, NaN where they are not known."""
        return np.array([self.first(statistic, owner) for owner in owners], np.float64)

    def at_start(self, name: Hashable, compute: Callable[[], T]) -> T:
        """What the layers and the values at step 0 say, which stays: computed once for them. `name` stands for it."""
        if name not in self._at_start:
            self._at_start[name] = compute()
        found: T = self._at_start[name]
        return found

    def last(self, statistic: str, owners: Sequence[str], points: int) -> Floats:
        """The last values [owners, points] of a statistic; NaN, or fewer points, where they are not known together."""
        holding = [block for block in reversed(self._blocks.values()) if statistic in block.owners]
        if not holding or not holding[0].ordered:
            return np.full((len(owners), points), np.nan)
        newest = holding[0].last(holding[0].places(statistic, tuple(owners)), points)
        since = holding[0].steps[-newest.shape[1]]
        together = all(block.ordered and block.steps[-1] < since for block in holding[1:])
        return newest if together else np.full((len(owners), points), np.nan)

    def table(self, statistic: str, owners: Sequence[str]) -> Table:
        """One statistic of several owners side by side, as far as it is remembered."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            return Table(group, block.steps, block.last(block.places(statistic, group), len(block.steps)))
        return Table.of(group, [self.of(statistic, owner) for owner in group])

    def count(self, statistic: str, owner: str) -> int:
        """How many values of a statistic of one owner are remembered."""
        key = f"{statistic}/{owner}"
        holding = [block for block in self._blocks.values() if key in block.place]
        return len(holding[0].steps) if len(holding) == 1 and holding[0].ordered else len(self.history(key))

    def zero(self, statistic: str, owners: Sequence[str]) -> list[bool]:
        """Whether all that is remembered of a statistic is exactly 0, of each of several owners that have it."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            found: list[bool] = block.zero(block.places(statistic, group)).tolist()
            return found
        return [not self.of(statistic, owner).values.any() for owner in group]

    def finite_counts(self, statistic: str, owners: Sequence[str]) -> list[int]:
        """How many finite values of a statistic are remembered, of each of several owners."""
        group = tuple(owners)
        if (block := self._whole(statistic, group)) is not None:
            found: list[int] = block.finite(block.places(statistic, group)).tolist()
            return found
        return [len(self.of(statistic, owner).finite()) for owner in group]

    def running_medians(self, statistic: str, owners: Sequence[str], samples: int, rows: int) -> Table | None:
        """The medians of each `samples` successive values in the last `rows` rows, at the step of the last of them.

        None where the last rows are not all known together, or not all finite.
        """
        group = tuple(owners)
        block = self._whole(statistic, group)
        if block is None or len(block.steps) < rows:
            return None
        places = block.places(statistic, group)
        if not np.isfinite(block.last(places, rows)).all():
            return None
        found = block.medians(places, samples, rows)
        return Table(group, block.steps[-found.shape[1] :], found)

    def _whole(self, statistic: str, group: tuple[str, ...]) -> Block | None:
        """The block that holds all there is of a statistic of several owners, in order; None where several do."""
        holding = [block for block in self._blocks.values() if statistic in block.owners]
        whole = len(holding) == 1 and holding[0].ordered and (holding[0].places(statistic, group) >= 0).all()
        return holding[0] if whole else None

    def across(self, statistic: str, owners: Sequence[str], name: Hashable, function: RowFunction) -> History:
        """A function of the same step's values of several owners, at the steps at which all of them are known."""
        group, parts = tuple(owners), []
        for block in self._blocks.values() if group else ():
            places = block.places(statistic, group)
            if (places >= 0).all():
                parts.append(block.reduced((name, statistic, group), places, function))
        return _joined(parts)

    def owners(self, statistic: str) -> frozenset[str]:
        """The layers or parameters for which a statistic is known."""
        return self.at_start(
            ("owners", statistic),
            lambda: frozenset().union(*(block.owners.get(statistic, ()) for block in self._blocks.values())),
        )

    @property
    def metrics(self) -> frozenset[str]:
        """The keys of what the user logs, and of the criterion's own value."""
        return frozenset().union(*(block.metrics for block in self._blocks.values()))

    def knows(self, statistic: str) -> bool:
        """Whether a statistic is known of any layer or parameter."""
        return any(statistic in block.owners for block in self._blocks.values())

    def _add_frame(self, frame: Frame) -> None:
        if all(key.startswith(SYSTEM_PREFIX) for key in frame.keys) or not len(frame.steps):
            return
        # The last used is the last in the dict. (An OrderedDict would hash these long keys at each look.)
        block = self._blocks.pop(frame.keys, None)
        if block is None:
            block = Block(frame.keys, self._cells_max)
            self._firsts.clear()
            self._at_start.clear()
        self._blocks[frame.keys] = block
        if len(self._blocks) > BLOCKS_MAX:
            del self._blocks[next(iter(self._blocks))]
            self._at_start.clear()
        block.add(frame)
        self.step = max(self.step, int(frame.steps.max()))


def _joined(parts: Sequence[History]) -> History:
    """Parts of one series in the order they came."""
    if len(parts) < 2:
        return parts[0] if parts else EMPTY
    return History.of([(part.steps, part.values) for part in parts])
