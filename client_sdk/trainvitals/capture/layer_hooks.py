"""The hooks of all layers, hung up during a sample alone: a module with hooks takes a slow path, some 5 us a call."""

from collections.abc import Callable, Sequence
from typing import Any

from trainvitals.capture.hooks import Hook
from trainvitals.capture.layers import WatchedLayer, hookable
from trainvitals.capture.sample import Sample


class LayerHooks:
    """`sample` is what the hooks fill now; None while they are off."""

    def __init__(self, layers: Sequence[WatchedLayer], act: Callable[[int, Any], None]) -> None:
        self.sample: Sample | None = None
        self._handles: list[Any] = []
        self._hooks = [
            (layer.module, Hook(_of_row(row, act))) for row, layer in enumerate(layers) if hookable(layer.module)
        ]

    def fill(self, sample: Sample | None) -> None:
        """Begin to fill another sample, or none."""
        self.sample = sample
        if sample is not None and not self._handles:
            self._handles = [module.register_forward_hook(hook) for module, hook in self._hooks]
        elif sample is None and self._handles:
            for handle in self._handles:
                handle.remove()
            self._handles = []


def _of_row(row: int, act: Callable[[int, Any], None]) -> Callable[..., None]:
    def on_forward(module: Any, arguments: Any, output: Any) -> None:
        act(row, output)

    return on_forward
