"""The training loss as it goes by: the watches hear of each value, the server where it stops being a number."""

import math
from collections.abc import Callable, Collection, Sequence

from trainvitals.collector import Collector, Number
from trainvitals_wire.frame import Frame
from trainvitals_wire.loss_names import is_whole_training_loss
from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS

KEYS = (*LOSS_KEYS, CRITERION_LOSS_KEY)
"""The first of them that is there is the loss; where none is, what its name says is a whole loss of training."""


class Losses:
    """`on_loss(value, logged_now)` hears of it as it is logged; of what a device still computes on the sender's thread,
    where it is a number at last.
    """

    def __init__(self, collector: Collector, on_loss: Callable[[float, bool], None]) -> None:
        self._collector = collector
        self._on_loss = on_loss
        self._told = False
        self._rank = len(KEYS)
        self._named: str | None = None
        self._at_hand = False
        self._keys: tuple[str, ...] = ()
        self._place: int | None = None
        """Of the loss among the keys that were logged last."""

    def logged(self, keys: tuple[str, ...], numbers: Sequence[Number]) -> None:
        """On the thread that logs."""
        if keys is not self._keys:
            self._keys, self._place = keys, None
            # Here alone: names are read only of what the user logs, and once.
            self._named = self._named or next(filter(is_whole_training_loss, keys), None)
            key = self._key(keys)
            if key is not None:
                self._place = keys.index(key)
        if self._place is not None:
            value = numbers[self._place]
            self._at_hand = type(value) is float
            if type(value) is float:
                self._on_loss(value, True)

    def look(self, frames: Sequence[Frame]) -> None:
        """Take the loss of what is sent, if it has one."""
        self._key({key for frame in frames for key in frame.keys})
        for frame in frames:
            key = self._key(frame.keys)
            if key is not None:
                values = frame.values[:, frame.keys.index(key)].tolist()
                for step, value in zip(frame.steps.tolist(), values, strict=True):
                    self._take(key, step, value)

    def _take(self, key: str, step: int, value: float) -> None:
        if not math.isfinite(value) and not self._told:
            self._told = True
            self._collector.fact({"kind": "nonfinite", "step": step, "where": "loss", "owner": key})
        if not self._at_hand:
            self._on_loss(value, False)

    def _key(self, there: Collection[str]) -> str | None:
        """The loss among these keys; none where an earlier one of the list was seen before."""
        for rank, key in enumerate(KEYS[: self._rank + 1]):
            if key in there:
                self._rank = rank
                return key
        return self._named if self._rank == len(KEYS) and self._named in there else None
