"""What the machine does meanwhile: processor, memory, accelerators; where psutil or pynvml is installed."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from trainvitals.collector import Collector
from trainvitals_wire.names import SYSTEM_PREFIX

INTERVAL_SECONDS = 10.0


class SystemMetrics:
    """Called at each tick of the sender, measures each ten seconds."""

    def __init__(self, collector: Collector, step: Callable[[], int], clock: Callable[[], float]) -> None:
        self._collector = collector
        self._step = step
        self._clock = clock
        self._due = clock()
        self._told = -1
        self._process = _process()
        self._devices = _devices() if self._process is not None else []

    def tick(self) -> None:
        now = self._clock()
        step = self._step()
        # A step has one value: a second one during a long step would replace the first.
        if self._process is None or now < self._due or step == self._told:
            return
        self._due, self._told = now + INTERVAL_SECONDS, step
        found = {**_processor(self._process), **_accelerators(self._devices)}
        keys = tuple(SYSTEM_PREFIX + name for name in found)
        self._collector.metrics(keys, step, time.time(), tuple(found.values()))


def _process() -> Any:
    try:
        import psutil

        process = psutil.Process()
        process.cpu_percent()
        psutil.cpu_percent()
        return process
    except Exception:
        return None


def _processor(process: Any) -> dict[str, float]:
    import psutil

    memory = psutil.virtual_memory()
    return {
        "cpu_percent": float(psutil.cpu_percent()),
        "process_cpu_percent": float(process.cpu_percent()),
        "memory_bytes": float(memory.used),
        "process_memory_bytes": float(process.memory_info().rss),
    }


def _devices() -> list[Any]:
    with contextlib.suppress(Exception):
        import pynvml

        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())]
    return []


def _accelerators(devices: list[Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for place, device in enumerate(devices):
        with contextlib.suppress(Exception):
            import pynvml

            found[f"gpu{place}_percent"] = float(pynvml.nvmlDeviceGetUtilizationRates(device).gpu)
            found[f"gpu{place}_memory_bytes"] = float(pynvml.nvmlDeviceGetMemoryInfo(device).used)
    return found
