"""Many small tensors on their way to the host: one copy for each type, however many layers there are."""

from typing import Any

import torch


class Parcel:
    """Packed on the current stream without waiting; opened when the copies have arrived."""

    def __init__(self, tensors: list[Any], device: Any) -> None:
        self._shapes = [tensor.shape for tensor in tensors]
        self._kinds = [torch.float64 if tensor.dtype == torch.float64 else torch.float32 for tensor in tensors]
        self._hosts: dict[Any, Any] = {}
        current = torch.cuda.current_stream(device)
        for kind in dict.fromkeys(self._kinds):
            parts = [tensor for tensor, own in zip(tensors, self._kinds, strict=True) if own == kind]
            for tensor in parts:
                # The allocator is told that this stream still reads the source.
                tensor.record_stream(current) if tensor.is_cuda else None
            flat = torch.cat([tensor.to(device, kind, non_blocking=True).reshape(-1) for tensor in parts])
            host = self._hosts[kind] = torch.empty(flat.shape, dtype=kind, device="cpu", pin_memory=True)
            host.copy_(flat, non_blocking=True)

    def open(self) -> list[Any]:
        """The tensors on the host, in their order and shapes; half precision has become float32."""
        begin = dict.fromkeys(self._hosts, 0)
        found = []
        for shape, kind in zip(self._shapes, self._kinds, strict=True):
            size = shape.numel()
            found.append(self._hosts[kind][begin[kind] : begin[kind] + size].view(shape))
            begin[kind] += size
        return found
