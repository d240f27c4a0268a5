"""A sample: everything taken on the training thread during one step, in buffers that are used again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from trainvitals.capture.arrival import side_stream
from trainvitals.capture.hunt import Where
from trainvitals.capture.parcel import Parcel
from trainvitals.capture.passes import Passes
from trainvitals.capture.plane import Plane
from trainvitals.capture.positions import SAMPLES, SAMPLES_ACTIVATION, SAMPLES_DEEP
from trainvitals.capture.settings import Read
from trainvitals.capture.survey import Survey
from trainvitals.collector import Number

Depth = Literal["shallow", "deep"]
Phase = Literal["training", "evaluation"]


@dataclass(slots=True)
class Planes:
    """The rows of one step."""

    activations: Plane
    gradients: Plane
    weights_before: Plane
    weights: Plane
    inputs: Plane
    second_moments: Plane

    @classmethod
    def of(cls, layers: int, parameters: int, activation_samples: int, samples: int) -> "Planes":
        return cls(
            Plane(layers, activation_samples),
            Plane(parameters, samples),
            Plane(parameters, samples),
            Plane(parameters, samples),
            Plane(1, samples),
            Plane(parameters, SAMPLES),
        )

    def each(self) -> tuple[Plane, ...]:
        return self.activations, self.gradients, self.weights_before, self.weights, self.inputs, self.second_moments


class Sample:
    """One of the rotating buffer sets. Only the thread that holds it touches it.

    `order`: the rows of the layers as their outputs came. `surveys`: what was seen of whole outputs, `input_survey` of
    the model's input. `gradient_norms`, and on deep steps `weight_norms` of the weights before the step: exact [rows
    filled]. `locations`: where the first element lies that is not finite, by kind and row. `filters`: row of the layer,
    and kernels [n, c, h, w].
    """

    def __init__(self, layers: int, parameters: int) -> None:
        self._planes: dict[Depth, Planes] = {
            "shallow": Planes.of(layers, parameters, SAMPLES_ACTIVATION, SAMPLES),
            "deep": Planes.of(layers, parameters, SAMPLES_DEEP, SAMPLES_DEEP),
        }
        self.begin("shallow", "training")

    def begin(self, depth: Depth, phase: Phase) -> None:
        """Make the set ready for a new step."""
        self.depth = depth
        self.phase = phase
        self.planes = self._planes[depth]
        for plane in self.planes.each():
            plane.clear()
        self.step = 0
        self.time = 0.0
        self.begun = False
        self.whole = False
        self.blind: set[Where] = set()
        self.order: list[int] = []
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.input_shape: tuple[int, ...] = ()
        self.parameter_shapes: dict[int, tuple[int, ...]] = {}
        self.gradient_norms: Any = None
        self.weight_norms: Any = None
        self.gradient_scale: Number = 1.0
        self.surveys: dict[int, Survey] = {}
        self.input_survey: Survey | None = None
        self.locations: dict[tuple[Where, int], Any] = {}
        self.filters: tuple[int, Any] | None = None
        self.training_seconds = 0.0
        self.passes: Callable[[], Passes] | None = None
        self.settings: Read | None = None
        self.tasks: list[Callable[[], None]] = []
        self._arrived: Any = None
        self._parcel: Parcel | None = None

    def depart(self) -> None:
        """Start every copy to the host, without waiting: on a side stream, behind what the device is computing."""
        device = self._device()
        if device is None:
            return
        stream = side_stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for plane in self.planes.each():
                plane.depart()
            self._parcel = Parcel(self._small(), device)
            self._arrived = torch.cuda.Event()
            self._arrived.record(stream)

    def arrive(self) -> None:
        """Wait, in the worker, until the copies are here."""
        if self._arrived is not None:
            self._arrived.synchronize()
        if self._parcel is not None:
            self._put_back(self._parcel.open())

    def _device(self) -> Any:
        devices = [plane.device for plane in self.planes.each() if plane.device is not None]
        return next((device for device in devices if device.type == "cuda"), None)

    def _small(self) -> list[Any]:
        """All tensors beside the planes."""
        found = [tensor for survey in self.surveys.values() for tensor in survey.tensors()]
        found += [] if self.input_survey is None else self.input_survey.tensors()
        found += [tensor for tensor in (self.gradient_norms, self.weight_norms) if tensor is not None]
        found += self.locations.values()
        return found if self.filters is None else [*found, self.filters[1]]

    def _put_back(self, tensors: list[Any]) -> None:
        remaining = iter(tensors)
        for row, survey in self.surveys.items():
            self.surveys[row] = survey.replaced([next(remaining) for _ in survey.tensors()])
        if self.input_survey is not None:
            self.input_survey = self.input_survey.replaced([next(remaining) for _ in self.input_survey.tensors()])
        self.gradient_norms = None if self.gradient_norms is None else next(remaining)
        self.weight_norms = None if self.weight_norms is None else next(remaining)
        for place in self.locations:
            self.locations[place] = next(remaining)
        if self.filters is not None:
            self.filters = self.filters[0], next(remaining)
