"""Answers that many viewers ask for at the same moment, made once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

KEPT_MAX = 128


class Shared:
    """Keeps the latest answers by key; the key must name the state that is asked about, so that none grows old."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()

    async def get(self, key: Hashable, build: Callable[[], Any]) -> Any:
        """The answer for `key`; `build` blocks and runs in a thread, once for all who wait. Its errors are not kept."""
        task = self._tasks.get(key)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._tasks[key] = asyncio.create_task(asyncio.to_thread(build))
            while len(self._tasks) > KEPT_MAX:
                self._tasks.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._tasks.pop(key, None)
            raise
