"""The target that is no class label: its scale, and that of each of its units."""

from trainvitals.capture.batch import Batch, Fact, Number, Told, finite
from trainvitals.capture.moments import Moments


def describe(batch: Batch) -> Told:
    part = batch.target
    if part is None or batch.classes:
        return
    if len(part.usable):
        yield Number("target_mean", float(part.usable.mean()))
        yield Number("target_std", float(part.usable.std()))
    if batch.phase != "training":
        return
    seen: Moments | None = batch.memory.get("target")
    if seen is None or len(seen.mean) != part.values.shape[1]:
        seen = batch.memory["target"] = Moments(part.values.shape[1])
    seen.add(part.values)
    if batch.due:
        mean, std = seen.pooled()
        yield Fact(
            "target",
            {
                "looks": batch.looks,
                "count": int(seen.count.sum()),
                "units": part.width,
                "mean": finite(mean),
                "std": finite(std),
                "min": finite(seen.min.min()),
                "max": finite(seen.max.max()),
                "unit_std_min": finite(seen.std.min()),
                "unit_std_max": finite(seen.std.max()),
                "constant": bool(seen.min.min() == seen.max.max()),
            },
        )
