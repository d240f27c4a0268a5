"""The statistics of one step over all ranks, from each rank's share.

Shares are weighted by the number of elements that each rank saw or holds (`activation_count`, `weight_count`). With
weights n, means m and standard deviations s the whole has the mean M = sum(n m) / sum(n) and the variance
sum(n (s^2 + (m - M)^2)) / sum(n) (Chan, Golub and LeVeque 1983, pairwise form). Squares of norms add.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire.histogram import Histogram
from trainvitals_wire.names import split_key
from trainvitals_wire.ranks import COUNTS

Floats = NDArray[np.float64]
Share = Mapping[str, float]
"""One rank's values of a step by series key, without the rank's prefix."""

TOTAL = "gradient_norm_total"
LEAST = ("dead_unit_fraction", "nonpositive_unit_fraction", "saturated_unit_fraction")
"""A unit is dead when it is so for every rank's data: the least share is what all ranks agree on at most."""


class _Plan(NamedTuple):
    """How each of a list of keys is merged; `weights` and `means` are places in the list, -1 for none."""

    kinds: tuple[str, ...]
    weights: NDArray[np.intp]
    means: NDArray[np.intp]
    owners: tuple[str, ...]


def merged(shares: Mapping[int, Share], sizes: Mapping[str, int], *, complete: bool) -> dict[str, float]:
    """The run's values of one step by series key.

    `sizes` are the elements of the parameters that are sharded. Where the shards that are known do not make up a whole
    parameter its norms are scaled up, but only if they are all that will be told (`complete`).
    """
    keys = tuple(dict.fromkeys(key for rank in sorted(shares) for key in shares[rank]))
    plan = _planned(keys)
    present = np.array([[key in share for key in keys] for share in shares.values()])
    values = np.array([[share.get(key, 0.0) for key in keys] for share in shares.values()], np.float64)
    with np.errstate(all="ignore"):
        whole = _whole(plan, values, present)
        scales = _scales(plan, values, present, sizes)
        whole = np.where([kind in ("norm", "sum") for kind in plan.kinds], whole * _by_kind(plan, scales), whole)
    known = {
        key: float(value)
        for key, kind, value, owner, scale in zip(keys, plan.kinds, whole, plan.owners, scales, strict=True)
        if kind not in ("weight", "ratio", "total") and (complete or owner not in sizes or scale <= 1)
    }
    return known | _ratios(known, shares) | _total(known, shares, sizes)


def merged_histogram(key: str, shares: Sequence[Histogram]) -> Histogram:
    """The histograms of one step added up."""
    counts = sum((share.dense() for share in shares[1:]), shares[0].dense())
    used = np.flatnonzero(counts)
    first = shares[0]
    nonfinite = sum(share.nonfinite for share in shares)
    return Histogram(key, first.step, first.time, used.astype(np.uint16), counts[used].astype(np.uint64), nonfinite)


@lru_cache(maxsize=256)
def _planned(keys: tuple[str, ...]) -> _Plan:
    place = {key: at for at, key in enumerate(keys)}
    weights, means = np.full(len(keys), -1, np.intp), np.full(len(keys), -1, np.intp)
    kinds, owners = [], []
    for at, key in enumerate(keys):
        statistic, owner = split_key(key)
        phase = statistic[: len(statistic) - len(_name(statistic))]
        family = "weight" if f"{phase}weight_count/{owner}" in place else "activation"
        weights[at] = place.get(f"{phase}{family}_count/{owner}", -1)
        means[at] = place.get(f"{statistic.removesuffix('std')}mean/{owner}", -1)
        kinds.append(_kind(_name(statistic)))
        owners.append(owner)
    return _Plan(tuple(kinds), weights, means, tuple(owners))


def _name(statistic: str) -> str:
    return statistic.rpartition("/")[2]


def _kind(name: str) -> str:
    if name in COUNTS:
        return "weight"
    if name == TOTAL:
        return "total"
    if name in LEAST:
        return "least"
    endings = {"_std": "std", "_norm": "norm", "_count": "sum", "absmax": "greatest", "_ratio": "ratio"}
    return next((kind for ending, kind in endings.items() if name.endswith(ending)), "mean")


def _whole(plan: _Plan, values: Floats, present: NDArray[np.bool_]) -> Floats:
    weights = np.where(plan.weights >= 0, values[:, plan.weights], 1.0) * present
    total = weights.sum(axis=0)

    def mean_of(part: Floats) -> Floats:
        # A weight of 0 takes a NaN out, too.
        found: Floats = np.where(weights > 0, weights * part, 0.0).sum(axis=0) / total
        return found

    means = mean_of(values)
    apart = np.where(plan.means >= 0, values[:, plan.means] - means[plan.means], 0.0)
    parts = {
        "mean": means,
        "std": np.sqrt(mean_of(np.square(values) + np.square(apart))),
        "norm": np.sqrt(np.where(present, np.square(values), 0.0).sum(axis=0)),
        "sum": np.where(present, values, 0.0).sum(axis=0),
        "greatest": np.where(present, values, -math.inf).max(axis=0),
        "least": np.where(present, values, math.inf).min(axis=0),
    }
    return np.select([np.array([kind == name for kind in plan.kinds]) for name in parts], list(parts.values()), means)


def _scales(plan: _Plan, values: Floats, present: NDArray[np.bool_], sizes: Mapping[str, int]) -> Floats:
    """How many times the elements that were told the whole parameter has; 1 for what is not sharded."""
    told = (np.where(plan.weights >= 0, values[:, plan.weights], 0.0) * present).sum(axis=0)
    whole = np.array([sizes.get(owner, 0) for owner in plan.owners], np.float64)
    return np.where((whole > 0) & (told > 0), whole / told, 1.0)


def _by_kind(plan: _Plan, scales: Floats) -> Floats:
    return np.where([kind == "norm" for kind in plan.kinds], np.sqrt(scales), scales)


def _ratios(known: Share, shares: Mapping[int, Share]) -> dict[str, float]:
    """`update_ratio`: the merged update over the merged weight before it, which each share's own ratio tells."""
    found: dict[str, float] = {}
    for key in [key for key in known if key.startswith("update_norm/")]:
        owner = key.partition("/")[2]
        before = [_norm_before(share, owner) for share in shares.values() if key in share]
        update = math.sqrt(sum(share[key] ** 2 for share in shares.values() if key in share))
        weight = math.sqrt(sum(norm**2 for norm in before))
        if weight > 0 or not update:
            found[f"update_ratio/{owner}"] = update / weight if update else 0.0
    return found


def _norm_before(share: Share, owner: str) -> float:
    ratio, update = share.get(f"update_ratio/{owner}"), share[f"update_norm/{owner}"]
    if ratio is None:
        return 0.0
    return update / ratio if ratio else share.get(f"weight_norm/{owner}", 0.0)


def _total(known: Share, shares: Mapping[int, Share], sizes: Mapping[str, int]) -> dict[str, float]:
    """The norm over all gradients: rank 0's of those that are copies, and the merged ones of the sharded."""
    copies = next((share[TOTAL] for share in shares.values() if TOTAL in share), None)
    norms = [known.get(f"gradient_norm/{owner}") for owner in sizes]
    told = [norm for norm in norms if norm is not None]
    if copies is None or not told:
        return {}
    return {TOTAL: math.sqrt(copies**2 + sum(norm**2 for norm in told))}
