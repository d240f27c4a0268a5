"""What one rank tells of a training: rank 0 the run's numbers, every rank its share of those that are spread."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals.collector import Collected
from trainvitals.ranks import Rank
from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.names import EVALUATION_PREFIX, HISTOGRAM_FAMILIES, STATISTICS_BY_NAME, kind_of, split_key
from trainvitals_wire.ranks import COUNTS, rank_key
from trainvitals_wire.records import Fact, Layer, Parameter

CHECKED_PARAMETERS_MAX = 4
"""Parameters of which every rank tells the norm: copies that drift apart show in any of them."""
CHECK = "weight_norm"
OWN_RUN_STATISTICS = ("step_seconds", "overhead_fraction")
"""What each process has of its own; gradients' norm and learning rates are the same in all."""
TOLD_FACTS = ("nonfinite", "watch_off", "skipped_step")
"""What another rank than 0 may see first or alone."""
TOTAL = "gradient_norm_total"


class _Parts(NamedTuple):
    """How a column list is told: `whole` columns as they are, `shares` under the rank's own keys."""

    whole: list[int]
    whole_keys: tuple[str, ...]
    shares: list[int]
    share_keys: tuple[str, ...]
    total: int | None = None
    replicated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Owners:
    """Whose numbers are spread over the ranks (each rank has seen other data, or holds another shard)."""

    spread: frozenset[str]
    sharded: frozenset[str]
    checked: frozenset[str]


class Shares:
    """Renames what a rank collected, on the sender's thread, just before it becomes a report.

    What is spread over the ranks (activations, and the parameters of a sharded model) every rank tells as its share,
    `rank<r>/<key>`, and the server merges them into `<key>`. What is equal on all ranks rank 0 tells. What each has
    of its own (logged metrics, step times, system metrics) rank 0 tells as it is, the others as `rank<r>/<key>`.
    """

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._owners = _Owners(frozenset(), frozenset(), frozenset())
        self._plans: dict[tuple[str, ...], _Parts] = {}
        self._introduced = False

    def of(self, taken: Collected) -> Collected:
        """What this rank tells of it; a report that holds a rank's first words tells who it is."""
        if taken.layers is not None:
            self._learn(taken.layers)
        facts = [fact for fact in taken.facts if self._rank.leads or fact["kind"] in TOLD_FACTS]
        return Collected(
            frames=[part for frame in taken.frames for part in self._frames(frame)],
            histograms=[told for item in taken.histograms if (told := self._histogram(item)) is not None],
            facts=[*self._introduction(), *map(self._fact, facts)],
            layers=taken.layers if self._rank.leads else None,
        )

    def _learn(self, layers: Iterable[Layer]) -> None:
        layers = tuple(layers)
        parameters = [parameter for layer in layers for parameter in layer["parameters"]]
        sharded = frozenset(parameter["name"] for parameter in parameters if parameter.get("sharded"))
        spread = sharded | {layer["name"] for layer in layers}
        self._owners = _Owners(spread, sharded, frozenset(_checked(parameters)))
        self._plans.clear()

    def _introduction(self) -> list[Fact]:
        if self._introduced:
            return []
        self._introduced = True
        return [{"kind": "rank", "step": 0, "details": {"rank": self._rank.number, "world_size": self._rank.count}}]

    def _fact(self, fact: Fact) -> Fact:
        return fact if self._rank.leads else {**fact, "details": {**fact.get("details", {}), "rank": self._rank.number}}

    def _frames(self, frame: Frame) -> Iterable[Frame]:
        plan = self._plans.get(frame.keys)
        if plan is None:
            plan = self._plans[frame.keys] = self._planned(frame.keys)
        if plan.total is not None:
            frame = replace(frame, values=_with_replicated_total(frame.values, plan))
        if len(plan.whole) == len(frame.keys):
            yield frame
            return
        if plan.whole:
            yield Frame(plan.whole_keys, frame.steps, frame.times, frame.values[:, plan.whole])
        if plan.shares:
            yield Frame(plan.share_keys, frame.steps, frame.times, frame.values[:, plan.shares])

    def _planned(self, keys: tuple[str, ...]) -> _Parts:
        whole = [place for place, key in enumerate(keys) if self._rank.leads and self._is_whole(key)]
        shares = [place for place, key in enumerate(keys) if place not in set(whole) and self._is_told(key)]
        total: int | None = None
        replicated: tuple[int, ...] = ()
        if self._rank.leads and self._owners.sharded and TOTAL in keys:
            total = keys.index(TOTAL)
            replicated = tuple(place for place in whole if keys[place].startswith("gradient_norm/"))
        return _Parts(
            whole,
            tuple(keys[place] for place in whole),
            shares,
            tuple(rank_key(self._rank.number, keys[place]) for place in shares),
            total,
            replicated,
        )

    def _is_whole(self, key: str) -> bool:
        """Whether rank 0's value is the run's."""
        return not self._is_spread(key) and split_key(key)[0] not in COUNTS

    def _is_spread(self, key: str) -> bool:
        """Whether the run's value of a series is to be merged from all ranks."""
        statistic, owner = split_key(key)
        name = statistic.removeprefix(EVALUATION_PREFIX)
        if not name or not owner:
            return name == TOTAL and bool(self._owners.sharded)
        return STATISTICS_BY_NAME[name].owner == "layer" or owner in self._owners.spread

    def _is_told(self, key: str) -> bool:
        """Whether this rank tells a series under its own key."""
        if kind_of(key) != "statistic":
            return True
        statistic, owner = split_key(key)
        if key == TOTAL:
            return self._rank.leads
        return (
            self._is_spread(key)
            or (key in OWN_RUN_STATISTICS)
            or (statistic == CHECK and owner in self._owners.checked)
        )

    def _histogram(self, histogram: Histogram) -> Histogram | None:
        family, _, owner = histogram.key.removeprefix(EVALUATION_PREFIX).partition("/")
        if family in HISTOGRAM_FAMILIES and owner:
            spread = family == "activation" or owner in self._owners.spread
            if not spread:
                return histogram if self._rank.leads else None
        elif self._rank.leads:
            return histogram
        return replace(histogram, key=rank_key(self._rank.number, histogram.key))


def _checked(parameters: list[Parameter]) -> list[str]:
    """A few trainable copies, from the first to the last, matrices before vectors."""
    copies = [p for p in parameters if p["trainable"] and not p.get("sharded")]
    chosen = [p["name"] for p in copies if len(p["shape"]) > 1] or [p["name"] for p in copies]
    places = np.linspace(0, len(chosen) - 1, min(CHECKED_PARAMETERS_MAX, len(chosen))).round().astype(int)
    return [chosen[place] for place in dict.fromkeys(places.tolist())]


def _with_replicated_total(values: NDArray[np.floating], plan: _Parts) -> NDArray[np.floating]:
    """The norm over the gradients that no rank shares out: the server adds the sharded ones."""
    changed = values.copy()
    norms = values[:, list(plan.replicated)].astype(np.float64)
    changed[:, plan.total or 0] = np.sqrt(np.square(norms).sum(axis=1)) if plan.replicated else 0.0
    return changed
