"""Whether watching makes the training thread wait for the GPU: a profiler trace, watched against bare."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import torch
from reference import Trainer

WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaMemcpy", "cuStreamSynchronize", "cuCtxSynchronize")
"""Calls of the CUDA runtime that return when the device is done; `cudaMemcpyAsync` does not wait."""
STEPS = 40


def waits(events: Iterable[Any], thread: int | None = None) -> Counter[str]:
    """How often each call that waits was made, on one thread where it is given; `events` of `torch.profiler`."""
    return Counter(event.name for event in events if event.name in WAITS and (thread is None or event.thread == thread))


def traced(trainer: Trainer, steps: int = STEPS) -> Counter[str]:
    """The waits of some steps, without the wait at the end of the block."""
    activities = [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]
    trainer.block(3)
    with torch.profiler.profile(activities=activities) as profile:
        trainer.block(steps)
    return waits(profile.events())


def added(bare: Counter[str], watched: Counter[str]) -> dict[str, int]:
    """Calls that only the watched training makes; {} is the goal."""
    return {name: count - bare[name] for name, count in watched.items() if count > bare[name]}
