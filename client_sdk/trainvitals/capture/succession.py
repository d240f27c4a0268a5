"""Another optimizer that moves a watched model now: training goes on in phases, each with an optimizer of its own."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet, ref

from torch.optim.optimizer import register_optimizer_step_post_hook

from trainvitals.capture.hooks import Hook

if TYPE_CHECKING:
    from trainvitals.capture.watch import Watch

STEPS_ALONE = 2
"""So many steps without one of the watched optimizer, where no forward pass is seen between them."""
STEPS_ALONE_APART = 64
"""The same where the two share no parameter: a generator may wait long for its critic."""
SUCCESSIONS_MAX = 8


class Succession:
    """Hears of every step of every optimizer of torch.

    One that moves a parameter of the watched one after a forward pass has taken its place: `adopt(watch, optimizer)`.
    An outer optimizer that wraps the watched one steps right behind it, without a forward pass. One that was succeeded
    and comes back shows that two take turns: then nothing is changed any more.
    """

    def __init__(
        self,
        watches: Callable[[], Iterable["Watch"]],
        adopt: Callable[["Watch", Any], None],
        guarded: Callable[[Callable[[Any], None], Any], None],
    ) -> None:
        self._watches, self._adopt, self._guarded = watches, adopt, guarded
        self._alone: Counter[object] = Counter()
        self._shared: WeakKeyDictionary[Any, dict[object, int | None]] = WeakKeyDictionary()
        self._predecessors: WeakSet[Any] = WeakSet()
        self._count = 0
        self._own: Callable[[], Any] = lambda: None
        self._handle = register_optimizer_step_post_hook(Hook(self._on_step))

    def stop(self) -> None:
        """Hear of nothing any more."""
        self._handle.remove()

    def _on_step(self, optimizer: Any, arguments: Any, options: Any) -> None:
        if self._own() is optimizer and not self._alone:
            # Each step of nearly all trainings.
            return
        self._guarded(self._judge, optimizer)

    def _judge(self, optimizer: Any) -> None:
        watches = [watch for watch in self._watches() if watch.optimizer is not None]
        own = [watch for watch in watches if watch.optimizer is optimizer]
        for watch in own:
            self._alone.pop(watch.key, None)
            self._own = ref(optimizer)
        if own or self._count >= SUCCESSIONS_MAX:
            return
        for watch in watches:
            if self._succeeds(optimizer, watch):
                self._follow(optimizer, watch)
                return

    def _follow(self, optimizer: Any, watch: "Watch") -> None:
        if optimizer in self._predecessors:
            self._count = SUCCESSIONS_MAX
            return
        self._count += 1
        self._predecessors.add(watch.optimizer)
        self._alone.clear()
        self._own = lambda: None
        self._adopt(watch, optimizer)

    def _succeeds(self, optimizer: Any, watch: "Watch") -> bool:
        known = self._shared.setdefault(optimizer, {})
        if watch.key not in known:
            known[watch.key] = _steps_needed(optimizer, watch)
        needed = known[watch.key]
        if needed is None:
            return False
        self._alone[watch.key] += 1
        return self._alone[watch.key] >= needed or (needed == STEPS_ALONE and watch.in_step)


def _steps_needed(optimizer: Any, watch: "Watch") -> int | None:
    """None for an optimizer that has nothing to do with the model."""
    moved = _members(optimizer)
    if moved & _members(watch.optimizer):
        return STEPS_ALONE
    return STEPS_ALONE_APART if any(id(tensor) in moved for tensor in watch.model.parameters()) else None


def _members(optimizer: Any) -> set[int]:
    return {id(tensor) for group in optimizer.param_groups for tensor in group["params"]}
