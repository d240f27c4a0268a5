"""The lull: what can wait is handed on as a backward pass begins, which leaves the interpreter lock to others."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import torch

Item = TypeVar("Item")


class Lull(Generic[Item]):
    """Items wait for the next backward pass, or for `end`, whichever is first; in their order, from any thread.

    A thread that computes while the training runs Python makes it wait for every stretch of Python of its own.
    """

    def __init__(self, deliver: Callable[[Item], object]) -> None:
        self._deliver = deliver
        self._lock = threading.Lock()
        self._waiting: deque[Item] = deque()
        self._listens = False

    @property
    def waits(self) -> bool:
        """Whether anything waits for a backward pass that is not listened for yet."""
        return bool(self._waiting) and not self._listens

    def put(self, item: Item) -> None:
        """Hand this on in the next backward pass, and at once what is waiting still."""
        self.end()
        self._waiting.append(item)

    def listen(self, output: Any) -> None:
        """A backward pass will begin at this tensor, of a model's output or the loss."""
        if self._waiting and not self._listens and isinstance(output, torch.Tensor) and output.requires_grad:
            self._listens = True
            output.register_hook(self._on_gradient)

    def end(self) -> None:
        """Hand on what waits."""
        self._listens = False
        with self._lock:
            while self._waiting:
                self._deliver(self._waiting.popleft())

    def _on_gradient(self, gradient: Any) -> None:
        self.end()
