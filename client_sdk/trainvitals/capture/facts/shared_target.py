"""Whether each sample's gradient follows from its output alone: then all are compared with the same targets.

A squared error sends back p - t to each output p, and t differs from sample to sample. Where shapes broadcast to [n, n]
every output is compared with all targets: what comes back is p less their mean, the same rising function of p for all.
"""

import numpy as np

from trainvitals.capture.batch import Batch, Fact, Floats, Told

ROWS_MIN = 8
ROUNDING = 1e-4
"""Share of the greatest gradient by which it may fall where the output rises."""
RANGE_MIN = 1e-2
"""Share of the greatest gradient that it must vary by: of outputs that are all alike nothing follows."""
REMEMBERED = 64
"""Last looks whose targets are compared."""
MEMORY = "shared_target"


def describe(batch: Batch) -> Told:
    answer, gradient = batch.answer, batch.answer_gradient
    if answer is None or gradient is None or batch.phase != "training" or answer.columns is not None:
        return
    single = answer.width == 1 or len(answer.shape) == 1
    if not single or answer.values.size != gradient.values.size or answer.values.size < ROWS_MIN:
        return
    outputs, sent = answer.values.ravel().astype(np.float64), gradient.values.ravel().astype(np.float64)
    if not (np.isfinite(outputs).all() and np.isfinite(sent).all()) or np.ptp(sent) <= RANGE_MIN * np.abs(sent).max():
        return
    memory = batch.memory.setdefault(MEMORY, {"looks": 0, "shared": 0, "targets": [], "apart": [], "spreads": []})
    memory["looks"] += 1
    if _rises(outputs, sent):
        memory["shared"] += 1
        target, spread = _zero(outputs, sent), float(outputs.std())
        for name, value in (("targets", target), ("apart", abs(target - outputs.mean()) / spread), ("spreads", spread)):
            memory[name] = [*memory[name], float(value)][-REMEMBERED:]
    if batch.due and memory["targets"]:
        targets = np.array(memory["targets"])
        size = abs(float(targets.mean())) + float(np.median(memory["spreads"]))
        yield Fact(
            MEMORY,
            {
                "looks": memory["looks"],
                "shared": memory["shared"],
                "variation": float(targets.std()) / size,
                "apart": float(np.median(memory["apart"])),
            },
        )


def _rises(outputs: Floats, sent: Floats) -> bool:
    """Whether the gradient never falls where the output rises."""
    ordered = sent[np.argsort(outputs, kind="stable")]
    return bool(np.diff(ordered).min() >= -ROUNDING * np.abs(sent).max())


def _zero(outputs: Floats, sent: Floats) -> float:
    """The output at which the straight line through the gradients is 0: the target that all have."""
    away = outputs - outputs.mean()
    slope = float((away * sent).sum() / np.square(away).sum())
    return float(outputs.mean() - sent.mean() / slope)
