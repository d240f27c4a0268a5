"""A sample: everything taken on the training thread during one step, in buffers that are used again."""

from dataclasses import dataclass
from typing import Any, Literal

import torch

from trainvitals.capture.plane import Plane
from trainvitals.capture.positions import SAMPLES, SAMPLES_DEEP
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

    @classmethod
    def of(cls, layers: int, parameters: int, samples: int) -> "Planes":
        return cls(
            Plane(layers, samples),
            Plane(parameters, samples),
            Plane(parameters, samples),
            Plane(parameters, samples),
            Plane(1, samples),
        )

    def each(self) -> tuple[Plane, ...]:
        return self.activations, self.gradients, self.weights_before, self.weights, self.inputs


class Sample:
    """One of the rotating buffer sets. Only the thread that holds it touches it."""

    def __init__(self, layers: int, parameters: int) -> None:
        self._planes: dict[Depth, Planes] = {
            "shallow": Planes.of(layers, parameters, SAMPLES),
            "deep": Planes.of(layers, parameters, SAMPLES_DEEP),
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
        self.order: list[int] = []
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.gradient_norms: Any = None
        self.gradient_rows: list[int] = []
        self.gradient_scale: Number = 1.0
        self.unit_peaks: dict[int, tuple[Any, int]] = {}
        self.extremes: dict[int, Any] = {}
        self.training_seconds = 0.0
        self._arrived: Any = None

    def depart(self) -> None:
        """Start every copy to the host, without waiting: on a side stream, behind what the device is computing."""
        device = self._device()
        if device is None:
            return
        stream = _side_stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for plane in self.planes.each():
                plane.depart()
            self._move_small()
            self._arrived = torch.cuda.Event()
            self._arrived.record(stream)

    def arrive(self) -> None:
        """Wait, in the worker, until the copies are here."""
        if self._arrived is not None:
            self._arrived.synchronize()

    def _device(self) -> Any:
        devices = [plane.device for plane in self.planes.each() if plane.device is not None]
        return next((device for device in devices if device.type == "cuda"), None)

    def _move_small(self) -> None:
        if self.gradient_norms is not None:
            self.gradient_norms = _moved(self.gradient_norms)
        self.unit_peaks = {row: (_moved(peaks), count) for row, (peaks, count) in self.unit_peaks.items()}
        self.extremes = {row: _moved(pair) for row, pair in self.extremes.items()}


_streams: dict[Any, Any] = {}


def _side_stream(device: Any) -> Any:
    if device not in _streams:
        _streams[device] = torch.cuda.Stream(device)
    return _streams[device]


def _moved(tensor: Any) -> Any:
    """A copy in pinned memory that nobody waits for; the allocator is told that this stream still reads the source."""
    host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    host.copy_(tensor, non_blocking=True)
    tensor.record_stream(torch.cuda.current_stream(tensor.device))
    return host
