"""The taker: copies what a step shows into its sample, on the training thread."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch

from trainvitals.capture.flat import first_floating, local, sampleable
from trainvitals.capture.gradients import norms
from trainvitals.capture.layers import WatchedLayer, WatchedParameter
from trainvitals.capture.plane import Plane
from trainvitals.capture.sample import Sample
from trainvitals.capture.units import RECTIFIERS, is_channel_first, unit_peaks
from trainvitals.number import number

UNIT_ELEMENTS_SHALLOW_MAX = 2**18
"""Outputs up to this size have their units' peaks taken at every sample, larger ones on deep steps."""
Families = Literal["all", "gradients", "parameters", "activations"] | None


class Taker:
    """Knows each layer's and parameter's row, and which families the user wants."""

    def __init__(
        self,
        layers: Sequence[WatchedLayer],
        parameters: Sequence[WatchedParameter],
        families: Families,
        optimizer: Any,
        tell_missing: Callable[[list[str]], None],
    ) -> None:
        self._layers = layers
        self._parameters = parameters
        self._families = families
        self._optimizer = optimizer
        self._tell_missing = tell_missing
        self._missing: list[str] = []
        self._rectifies = [isinstance(layer.module, RECTIFIERS) for layer in layers]
        self._channel_first = [is_channel_first(type(layer.module).__name__) for layer in layers]

    @property
    def wants_activations(self) -> bool:
        return self._families in ("all", "activations")

    def inputs(self, sample: Sample, arguments: Any) -> None:
        """The model's own input, of the first forward pass."""
        if not sample.planes.inputs.filled[0]:
            tensor = first_floating(arguments)
            if tensor is not None:
                sample.planes.inputs.put(0, tensor)

    def activation(self, row: int, sample: Sample, output: Any) -> None:
        """A layer's output, of its first call in the step."""
        if sample.planes.activations.filled[row]:
            return
        tensor = first_floating(output)
        if tensor is None:
            return
        sample.planes.activations.put(row, tensor)
        sample.order.append(row)
        sample.shapes[row] = tuple(tensor.shape)
        deep = sample.depth == "deep"
        affordable = deep or tensor.numel() <= UNIT_ELEMENTS_SHALLOW_MAX
        if self._rectifies[row] and sample.phase == "training" and affordable:
            sample.unit_peaks[row] = unit_peaks(tensor, self._has_channels_first(sample, tensor))
        if deep:
            sample.extremes[row] = torch.stack(torch.aminmax(tensor.detach()))

    def gradients(self, sample: Sample) -> None:
        """Samples and exact norms of all gradients, and which trainable parameters have none."""
        if self._families not in ("all", "gradients"):
            return
        gradients: list[Any] = []
        missing: list[str] = []
        for row, parameter in enumerate(self._parameters):
            gradient = local(parameter.tensor.grad)
            if gradient is None:
                if parameter.tensor.requires_grad:
                    missing.append(parameter.name)
            elif sampleable(gradient):
                gradients.append(gradient)
                sample.planes.gradients.put(row, gradient)
        if gradients:
            sample.gradient_norms = norms(gradients)
        scale = getattr(self._optimizer, "grad_scale", None)
        if scale is not None:
            sample.gradient_scale = number(scale) or 1.0
        if missing != self._missing:
            self._missing = missing
            self._tell_missing(missing)

    def weights(self, plane: Plane) -> None:
        """Samples of all parameters as they are now."""
        if self._families not in ("all", "parameters"):
            return
        for row, parameter in enumerate(self._parameters):
            tensor = local(parameter.tensor)
            if sampleable(tensor):
                plane.put(row, tensor)

    def _has_channels_first(self, sample: Sample, tensor: Any) -> bool:
        """Told by the last layer with parameters before this one."""
        before = next((at for at in reversed(sample.order[:-1]) if self._layers[at].parameters), None)
        return tensor.dim() == 4 if before is None else self._channel_first[before]
