"""The modes of the modules in each phase: dropout and batch norm train, or do not."""

from trainvitals.capture.batch import Batch, Fact, Told

ALWAYS_NEW = "batch_norm_batches"
"""Grows with each step, which is no change of mode."""


def describe(batch: Batch) -> Told:
    modes = {"phase": batch.phase, **batch.modes}
    signature = {name: value for name, value in modes.items() if name != ALWAYS_NEW}
    if batch.modes and batch.memory.get("modes") != signature:
        batch.memory["modes"] = signature
        yield Fact("modes", modes)
