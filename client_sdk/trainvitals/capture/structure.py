"""The structure of a watched model: its layers and parameters, and whether the model still is what it was."""

from typing import Any

from trainvitals.capture import layers as naming
from trainvitals.capture.arguments import tell_unmatched
from trainvitals.capture.layers import Patterns, WatchedLayer, WatchedParameter
from trainvitals.capture.optimizer import OptimizerFacts
from trainvitals.guard import Guard


class Structure:
    """`layers` and `parameters` as they were found last."""

    def __init__(self, model: Any, optimizer: Any, prefix: str | None, patterns: Patterns) -> None:
        self._model = model
        self._optimizer = optimizer
        self._patterns = patterns
        self.name_under(prefix)

    @property
    def names(self) -> set[str]:
        """Those of the layers."""
        return {layer.name for layer in self.layers}

    def name_under(self, prefix: str | None) -> None:
        """Find layers and parameters, their names behind a prefix."""
        self._prefix = prefix
        self.layers: list[WatchedLayer] = []
        self.parameters: list[WatchedParameter] = []
        self._members = self._present()
        self._trains: list[tuple[bool, bool]] = []
        self._find()

    def check(self, guard: Guard) -> None:
        """Say which patterns match nothing."""
        if self._patterns.unmatched:
            every, parameters = naming.find(self._model, None, self._prefix, Patterns((), ()))
            names = {layer.name for layer in every} | {parameter.name for parameter in parameters}
            tell_unmatched(guard, self._patterns.unmatched, names, captures=bool(self.layers))

    def changed(self) -> bool:
        """Whether modules or parameters came, went or were replaced; both lists are found anew if so."""
        present = self._present()
        if present == self._members:
            return False
        self._members = present
        self._find()
        return True

    def retrained(self) -> bool:
        """Whether something was frozen or unfrozen, or came to the optimizer or left it."""
        trains = self._training()
        if trains == self._trains:
            return False
        self._trains = trains
        for parameter, (_, in_optimizer) in zip(self.parameters, trains, strict=True):
            parameter.in_optimizer = in_optimizer
        return True

    def _find(self) -> None:
        known = {id(layer.module): layer for layer in self.layers}
        self.layers, self.parameters = naming.find(self._model, self._optimized(), self._prefix, self._patterns)
        for layer in self.layers:
            before = known.get(id(layer.module))
            if before is not None:
                layer.order, layer.output_shape = before.order, before.output_shape
        self._trains = self._training()

    def _optimized(self) -> set[int] | None:
        return None if self._optimizer is None else OptimizerFacts.members(self._optimizer)

    def _present(self) -> tuple[list[int], list[int]]:
        """What is watched is held, so that the id of something that went cannot come again."""
        root = naming.unwrapped(self._model)
        return [id(module) for module in root.modules()], [id(tensor) for tensor in root.parameters()]

    def _training(self) -> list[tuple[bool, bool]]:
        optimized = self._optimized()
        return [(p.tensor.requires_grad, optimized is None or id(p.tensor) in optimized) for p in self.parameters]
