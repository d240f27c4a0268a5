"""Rank divergence: the copies of a data-parallel model drift apart, or one rank's loss is unlike the others'."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.ranks import of_rank, ranks, side_by_side
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals

RULE = Rule(
    title="A rank diverges",
    shows="The norm of a few weights and the loss as each rank of a training of several processes sees them.",
    matters="Data-parallel ranks average their gradients, so their weights stay the same to the last digit. Where they "
    "do not, each rank trains a model of its own, and the one that is saved has seen a part of the data. A rank whose "
    "loss is unlike the others' has other data.",
    todo="Weights: call the model through its DistributedDataParallel wrap, and change weights on all ranks alike. "
    "Loss: look at the data of the named rank.",
    source="PyTorch DistributedDataParallel notes (replicas stay in sync); Welch 1947 (comparing two means)",
    thresholds={
        "drift": Threshold(1e-5, "100 times the rounding of a float32 norm; one step of training moves it by 1e-3"),
        "samples": Threshold(3, "one difference may be a report that is still on its way"),
        "factor": Threshold(1.5, "shards of shuffled data differ by the noise of their batches alone"),
        "significance": Threshold(3.0, "standard errors between two means (Welch's t)"),
        "window": Threshold(50, "steps of each of two successive windows in which the loss is far off"),
    },
    needs=("ranks",),
    by_definition=True,
)
BAD_MIN = 3
"""So many of a rank's last five losses must be non-finite: one bad batch is not a bad shard."""


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding on weights, and one on the loss of each rank."""
    present = ranks(signals)
    if len(present) < 2:
        return
    yield from _weights(signals, present, thresholds)
    yield from _losses(signals, present, thresholds)


def _weights(signals: Signals, present: list[int], thresholds: Thresholds) -> Iterator[Finding]:
    told_of = {owner for rank in present[1:] for owner in signals.owners(f"rank{rank}/weight_norm")}
    # A shard is no copy: its rank tells how many elements it has.
    shards = {owner for rank in present for owner in signals.owners(f"rank{rank}/weight_count")}
    owners = sorted(told_of - shards)
    for owner in owners:
        key = f"weight_norm/{owner}"
        told = [rank for rank in present if len(of_rank(signals, rank, key))]
        steps, values = side_by_side([of_rank(signals, rank, key) for rank in told])
        if len(told) < 2 or len(steps) < thresholds["samples"]:
            continue
        apart = _apart(values, thresholds["drift"])
        lasting = np.asarray(apart[:, -int(thresholds["samples"]) :].all(axis=1))
        if lasting.any():
            odd = [rank for rank, off in zip(told, lasting.tolist(), strict=True) if off]
            yield _drift(signals, owner, told, odd, (steps, values, np.asarray(apart.any(axis=0))))
            return


def _apart(values: NDArray[np.float64], drift: float) -> NDArray[np.bool_]:
    """Whose value differs from the common one [ranks, steps]: the median, or rank 0's where there are two."""
    common = np.median(values, axis=0) if len(values) > 2 else values[0]
    with np.errstate(invalid="ignore"):
        same = np.abs(values - common) <= drift * np.abs(common)
    # A value that is no number on every rank is trouble, but no difference.
    found: NDArray[np.bool_] = ~same & np.isfinite(values).any(axis=0)
    return found


def _drift(
    signals: Signals,
    owner: str,
    told: list[int],
    odd: list[int],
    compared: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]],
) -> Finding:
    steps, values, apart = compared
    agreed = np.flatnonzero(~apart)
    first = int(steps[agreed[-1] + 1]) if len(agreed) else int(steps[0])
    named, other = odd[0], next((rank for rank in told if rank not in odd), told[0])
    norms = values[told.index(named), -1], values[told.index(other), -1]
    verb = "holds" if len(odd) == 1 else "hold"
    why = (
        f"{_named(odd)} {verb} other weights than rank {other} since step {first}: "
        f"the norm of {owner} is {norms[0]:.8g} against {norms[1]:.8g}"
    )
    return Finding(
        layer=signals.network.owner.get(owner),
        series=f"weight_norm/{owner}",
        aspect="weights",
        first_step=first,
        last_step=int(steps[-1]),
        value=float(abs(norms[0] / norms[1] - 1)) if norms[1] else None,
        threshold="equal on all ranks",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("rank_divergence", why, first),),
        remedy="Wrap the model in DistributedDataParallel, call the wrap and not its .module, let the last backward "
        "pass of a step run outside no_sync(), and change weights or buffers by hand on all ranks or none.",
        expect="The norms of all ranks agree to the last digit from the next start on.",
        by_definition=True,
    )


def _losses(signals: Signals, present: list[int], thresholds: Thresholds) -> Iterator[Finding]:
    key = signals.loss.key
    told = [rank for rank in present if len(of_rank(signals, rank, key))]
    if len(told) < 2:
        return
    steps, values = side_by_side([of_rank(signals, rank, key) for rank in told])
    first_bad = [_first_bad(steps, row) for row in values]
    for place, rank in enumerate(told):
        others = first_bad[:place] + first_bad[place + 1 :]
        began = first_bad[place]
        if began is not None and all(other is None or other > began for other in others):
            why = f"the loss of rank {rank} is not finite since step {began}, first of all ranks"
            yield _loss(signals, rank, began, None, why, "finite on all ranks")
            return
    yield from _far_off(signals, told, steps, values, thresholds)


def _first_bad(steps: NDArray[np.int64], row: NDArray[np.float64]) -> int | None:
    bad = ~np.isfinite(row)
    if bad[-5:].sum() < min(BAD_MIN, len(bad)) or not bad.any():
        return None
    good = np.flatnonzero(~bad[:-5])
    later = np.flatnonzero(bad[(int(good[-1]) + 1 if len(good) else 0) :])
    return int(steps[(int(good[-1]) + 1 if len(good) else 0) + int(later[0])])


def _far_off(
    signals: Signals,
    told: list[int],
    steps: NDArray[np.int64],
    values: NDArray[np.float64],
    thresholds: Thresholds,
) -> Iterator[Finding]:
    size = int(thresholds["window"])
    windows = len(steps) // size
    if windows < 2 or not np.isfinite(values[:, -2 * size :]).all():
        return
    for place, rank in enumerate(told):
        common = np.median(np.delete(values, place, axis=0), axis=0)
        # From the end back, window by window, while this rank lies far from the others.
        far = 0
        while far < windows:
            part = slice(len(steps) - (far + 1) * size, len(steps) - far * size)
            if not _is_far(values[place, part], common[part], thresholds, either=len(told) > 2):
                break
            far += 1
        if far >= 2:
            mean, usual = float(values[place, -size:].mean()), float(common[-size:].mean())
            first = int(steps[len(steps) - far * size])
            why = f"the loss of rank {rank} is {mean:.3g}, that of the others {usual:.3g}, since step {first}"
            yield _loss(signals, rank, first, mean / usual, why, f"within {thresholds['factor']:g} times the others'")


def _is_far(own: NDArray[np.float64], common: NDArray[np.float64], thresholds: Thresholds, *, either: bool) -> bool:
    """Of two ranks the higher is named; among more the one that lies apart on either side."""
    gap = own - common
    error = float(gap.std(ddof=1)) / np.sqrt(len(gap))
    mean, usual, factor = float(own.mean()), float(common.mean()), thresholds["factor"]
    if usual <= 0 or mean <= 0 or abs(float(gap.mean())) <= thresholds["significance"] * error:
        return False
    return mean > factor * usual or (either and usual > factor * mean)


def _loss(signals: Signals, rank: int, first: int, value: float | None, why: str, threshold: str) -> Finding:
    return Finding(
        series=signals.loss.key if rank == 0 else f"rank{rank}/{signals.loss.key}",
        aspect=f"rank {rank}",
        first_step=first,
        last_step=signals.step,
        value=value,
        threshold=threshold,
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("rank_divergence", why, first),),
        remedy=f"Look at the data that rank {rank} reads (its shard, its sampler's rank and seed, its files), and at "
        "its own preprocessing; shuffle before the data is divided.",
        expect="The losses of all ranks lie within the noise of their batches.",
        by_definition=True,
    )


def _named(odd: list[int]) -> str:
    if len(odd) == 1:
        return f"rank {odd[0]}"
    return f"ranks {', '.join(map(str, odd[:-1]))} and {odd[-1]}"
