"""The taker: copies what a step shows into its sample, on the training thread."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from torch import nn

from trainvitals.capture.filters import kernels
from trainvitals.capture.flat import first_floating, local, sampleable
from trainvitals.capture.gradients import norms
from trainvitals.capture.hunt import Hunt, Where
from trainvitals.capture.layers import WatchedLayer, WatchedParameter, type_name
from trainvitals.capture.location import locate
from trainvitals.capture.plane import Plane
from trainvitals.capture.sample import Sample
from trainvitals.capture.survey import Survey, Surveyor, all_finite
from trainvitals.capture.units import is_channel_first
from trainvitals.number import number

WHOLE_ELEMENTS_SHALLOW_MAX = 2**18
"""Outputs up to this size are looked at whole at every sample, larger ones in the first samples and on deep steps."""
WHOLE_SAMPLES = 30
"""The first samples look at every output whole: a short run has its exact statistics too."""
Families = Literal["all", "gradients", "parameters", "activations"] | None
_KINDS: tuple[Where, ...] = ("input", "activation", "gradient", "weight")


class Taker:
    """Knows each layer's and parameter's row, and which families the user wants."""

    def __init__(
        self,
        layers: Sequence[WatchedLayer],
        parameters: Sequence[WatchedParameter],
        families: Families,
        optimizer: Any,
        tell_missing: Callable[[list[str]], None],
        hunt: Hunt,
    ) -> None:
        self._layers = layers
        self._parameters = parameters
        self._families = families
        self._optimizer = optimizer
        self._tell_missing = tell_missing
        self._hunt = hunt
        self._missing: list[str] = []
        self._surveyors = [Surveyor(layer.module) for layer in layers]
        self._input_surveyor = Surveyor(None)
        self._channel_first = [is_channel_first(type_name(layer.module)) for layer in layers]
        self._begun = 0

    @property
    def wants_activations(self) -> bool:
        return self._families in ("all", "activations")

    def inputs(self, sample: Sample, arguments: Any) -> None:
        """The model's own input, of the first forward pass."""
        self._begin(sample)
        if sample.planes.inputs.filled[0]:
            return
        tensor = first_floating(arguments)
        if tensor is None:
            return
        sample.planes.inputs.put(0, tensor)
        sample.input_shape = tuple(tensor.shape)
        if self._affordable(sample, tensor):
            sample.input_survey = self._input_surveyor.survey(tensor, False, units=False)
            if self._searches("input", sample, tensor) and self._shows(tensor, sample.input_survey):
                sample.locations["input", 0] = locate(tensor)

    def activation(self, row: int, sample: Sample, output: Any) -> None:
        """A layer's output, of its first call in the step."""
        self._begin(sample)
        plane = sample.planes.activations
        if plane.filled[row]:
            return
        tensor = first_floating(output)
        if tensor is None:
            return
        plane.put(row, tensor)
        sample.order.append(row)
        sample.shapes[row] = tuple(tensor.shape)
        if self._affordable(sample, tensor):
            units = sample.phase == "training"
            channel_first = units and self._has_channels_first(row, sample, tensor)
            survey = sample.surveys[row] = self._surveyors[row].survey(tensor, channel_first, units=units)
            if self._searches("activation", sample, tensor) and self._shows(tensor, survey):
                sample.locations["activation", row] = locate(tensor)

    def gradients(self, sample: Sample) -> None:
        """Samples and exact norms of all gradients, and which trainable parameters have none."""
        if self._families not in ("all", "gradients"):
            return
        self._begin(sample)
        found: dict[int, Any] = {}
        missing: list[str] = []
        for row, parameter in enumerate(self._parameters):
            gradient = local(parameter.tensor.grad)
            if gradient is None:
                if parameter.tensor.requires_grad:
                    missing.append(parameter.name)
            else:
                elements = sample.planes.gradients.put_gradient(row, gradient)
                if elements is not None:
                    found[row] = elements
        if found:
            sample.gradient_norms = norms(list(found.values()))
            self._locate_parameters("gradient", sample, found, sample.gradient_norms)
        scale = getattr(self._optimizer, "grad_scale", None)
        if scale is not None:
            sample.gradient_scale = number(scale) or 1.0
        if missing != self._missing:
            self._missing = missing
            self._tell_missing(missing)

    def weights_before(self, sample: Sample) -> None:
        """Samples of all parameters before the step; on deep steps their exact norms, and the filters."""
        if self._families not in ("all", "parameters"):
            return
        self._begin(sample)
        found = self._put_weights(sample.planes.weights_before)
        if sample.depth == "deep" and found:
            sample.weight_norms = norms(list(found.values()))
            self._locate_parameters("weight", sample, found, sample.weight_norms)
            sample.filters = self._filters(sample)

    def weights(self, sample: Sample) -> None:
        """Samples of all parameters after the step."""
        if self._families in ("all", "parameters"):
            self._put_weights(sample.planes.weights)

    def _filters(self, sample: Sample) -> tuple[int, Any] | None:
        """Of the first convolution. A weight that a parametrization computes is left alone: reading changes it."""
        convolutions = [row for row, layer in enumerate(self._layers) if isinstance(layer.module, nn.Conv2d)]
        row = min(convolutions, key=lambda row: self._place(row, sample), default=None)
        weight = None if row is None else self._layers[row].module._parameters.get("weight")
        taken = None if weight is None else kernels(local(weight))
        return None if row is None or taken is None else (row, taken)

    def _place(self, row: int, sample: Sample) -> tuple[int, int]:
        """In forward order, as this step shows it or an earlier one did."""
        order = sample.order.index(row) if row in sample.order else self._layers[row].order
        return (len(self._layers) if order is None else order, row)

    def _put_weights(self, plane: Plane) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for row, parameter in enumerate(self._parameters):
            tensor = local(parameter.tensor)
            if sampleable(tensor):
                plane.put(row, tensor)
                found[row] = tensor
        return found

    def _begin(self, sample: Sample) -> None:
        if sample.begun:
            return
        sample.begun = True
        self._begun += sample.phase == "training"
        deep = sample.depth == "deep"
        sample.whole = deep or (sample.phase == "training" and self._begun <= WHOLE_SAMPLES)
        if deep:
            sample.blind = {where for where in _KINDS if self._hunt.blind(where)}

    def _affordable(self, sample: Sample, tensor: Any) -> bool:
        return sample.whole or tensor.numel() <= WHOLE_ELEMENTS_SHALLOW_MAX

    def _searches(self, where: Where, sample: Sample, tensor: Any) -> bool:
        """Whether this tensor may be searched: on the host the first that shows something, elsewhere all or none."""
        if sample.phase != "training" or not self._hunt.open(where):
            return False
        if tensor.device.type != "cpu":
            return where in sample.blind
        return not sample.locations or not any(kind == where for kind, _ in sample.locations)

    @staticmethod
    def _shows(tensor: Any, survey: Survey) -> bool:
        """Asking is free on the host; elsewhere it would wait for the device."""
        return tensor.device.type != "cpu" or not survey.finite()

    def _locate_parameters(self, where: Where, sample: Sample, found: dict[int, Any], exact_norms: Any) -> None:
        """The last gradient in order of registration is the first of the backward pass; of weights the first counts."""
        if not self._hunt.open(where):
            return
        rows = list(found)
        if exact_norms.device.type == "cpu":
            if all_finite(exact_norms):
                return
            finite = exact_norms.isfinite().tolist()
            odd = [row for row, fine in zip(rows, finite, strict=True) if not fine]
            rows = [odd[-1 if where == "gradient" else 0]]
        elif where not in sample.blind:
            return
        for row in rows:
            # The elements of a sparse gradient do not lie where they lie in the whole.
            if found[row].shape == self._parameters[row].tensor.shape:
                sample.locations[where, row] = locate(found[row])
                sample.parameter_shapes[row] = tuple(found[row].shape)

    def _has_channels_first(self, row: int, sample: Sample, tensor: Any) -> bool:
        """Told by the layer itself where it has parameters, else by the last one before it that has."""
        if tensor.dim() <= 2:
            return False
        rows = reversed(sample.order)
        known = row if self._layers[row].parameters else next((at for at in rows if self._layers[at].parameters), None)
        return tensor.dim() == 4 if known is None else self._channel_first[known]
