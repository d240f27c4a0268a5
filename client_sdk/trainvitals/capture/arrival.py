"""Copies on their way to the host: nobody waits for them on the training thread."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

_streams: dict[Any, Any] = {}


def side_stream(device: Any) -> Any:
    """The stream of a device that copies to the host, behind what the device is computing."""
    if device not in _streams:
        _streams[device] = torch.cuda.Stream(device)
    return _streams[device]


def moved(tensor: Any) -> Any:
    """A copy in pinned memory that nobody waits for; the allocator is told that this stream still reads the source."""
    host = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu", pin_memory=True)
    host.copy_(tensor, non_blocking=True)
    tensor.record_stream(torch.cuda.current_stream(tensor.device))
    return host


def depart(tensors: Sequence[Any]) -> Callable[[], list[Any]]:
    """Send tensors that nobody else writes to towards the host; the worker calls what is returned to get them."""
    devices = {tensor.device for tensor in tensors if tensor.device.type == "cuda"}
    events: list[Any] = []
    hosts = list(tensors)
    for device in devices:
        stream = side_stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            hosts = [moved(host) if host.device == device else host for host in hosts]
            events.append(torch.cuda.Event())
            events[-1].record(stream)

    def arrive() -> list[Any]:
        for event in events:
            event.synchronize()
        return [host.cpu() for host in hosts]

    return arrive
