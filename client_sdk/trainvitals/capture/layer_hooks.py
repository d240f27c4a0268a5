"""The hooks of all layers, hung up during a sample alone: a module with hooks takes a slow path, some 5 us a call.

Those inside compiled graphs stay: a graph that was traced without them would never see them, and costs nothing for them
while the gate is shut.
"""

from collections.abc import Callable, Sequence
from typing import Any

from trainvitals.capture.gate import Gate
from trainvitals.capture.graph_hooks import LayerHook
from trainvitals.capture.layers import WatchedLayer, hookable
from trainvitals.capture.phases import Phases
from trainvitals.capture.sample import Sample


class LayerHooks:
    """`sample` is what the hooks fill now; None while they are off."""

    def __init__(
        self,
        model: Any,
        layers: Sequence[WatchedLayer],
        act: Callable[[int, Any, bool], None],
        gate: Gate,
        phases: Phases,
    ) -> None:
        self.sample: Sample | None = None
        self._model = model
        self._gate = gate
        self._hooks = {
            row: LayerHook(_of_row(row, act), gate, phases)
            for row, layer in enumerate(layers)
            if hookable(layer.module)
        }
        self._resting = [(layers[row].module, hook) for row, hook in self._hooks.items()]
        self._hung: list[tuple[Any, LayerHook, Any]] = []
        self._kept: list[Any] = []
        self._waits = False

    def fill(self, sample: Sample | None) -> None:
        """Begin to fill another sample, or none."""
        self.sample = sample
        self._gate.open = sample is not None
        if sample is not None:
            self._waits = False
            self._hang_up()
        elif self._hung and not self._waits:
            self._rest()

    @property
    def hangable(self) -> bool:
        """Whether there are layers to see at all."""
        return bool(self._hooks)

    def inside(self, row: int) -> bool:
        """Whether a layer was seen inside a compiled graph."""
        return self._hooks[row].compiled

    def wait(self) -> None:
        """Hang up all hooks for graphs that are about to be compiled; the next sample shows which are inside one."""
        self._waits = True
        self._hang_up()

    def close(self) -> None:
        """Take off every hook."""
        self._waits = False
        self.fill(None)
        for handle in self._kept:
            handle.remove()
        self._kept = []

    def _hang_up(self) -> None:
        for module, hook in self._resting:
            # Where the whole model is a layer: in front of the hook that ends an evaluation pass.
            handle = module.register_forward_hook(hook, prepend=module is self._model)
            self._hung.append((module, hook, handle))
        self._resting = []

    def _rest(self) -> None:
        for module, hook, handle in self._hung:
            if hook.compiled:
                self._kept.append(handle)
            else:
                handle.remove()
                self._resting.append((module, hook))
        self._hung = []


def _of_row(row: int, act: Callable[[int, Any, bool], None]) -> Callable[[Any, bool], None]:
    def on_forward(output: Any, gradients: bool) -> None:
        act(row, output, gradients)

    return on_forward
