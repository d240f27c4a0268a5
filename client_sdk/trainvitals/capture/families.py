"""Finds the families of statistics by their folder and names their series."""

import pkgutil
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from trainvitals import statistics
from trainvitals.capture.observation import Measured, Observation
from trainvitals_wire.names import series_key

Measure = Callable[[Observation], Measured]
Row = tuple[tuple[str, ...], NDArray[np.float64]]
NAMED_MAX = 4096
"""Lists of owners whose keys are remembered."""


@cache
def measures(apart: bool) -> tuple[Measure, ...]:
    """The `measure` of each file in `trainvitals/statistics`, by name of the file.

    A family that is not there at every sample, or not for the same owners, is marked `APART = True`: it travels in rows
    of its own, because a reader finds series that come together where they always come together.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(statistics.__path__))
    modules = [import_module(f"{statistics.__name__}.{name}") for name in names]
    return tuple(module.measure for module in modules if getattr(module, "APART", False) is apart)


def measure_all(seen: Observation, prefix: str = "", *, of_the_run: bool = True) -> list[Row]:
    """The series keys and values of every statistic of a step; those without an owner where they stand for the run."""
    with np.errstate(all="ignore"):
        rows = [_measured(measures(apart=False), seen, prefix, of_the_run)]
        rows += [_measured((measure,), seen, prefix, of_the_run) for measure in measures(apart=True)]
    return [(keys, values) for keys, values in rows if keys]


def _measured(families: Sequence[Measure], seen: Observation, prefix: str, of_the_run: bool) -> Row:
    keys: list[str] = []
    values: list[NDArray[np.float64]] = []
    for measure in families:
        for statistic, owners, numbers in measure(seen):
            if of_the_run or owners != ("",):
                keys.extend(_named(prefix, statistic, owners))
                values.append(numbers)
    return tuple(keys), np.concatenate(values) if values else np.empty(0)


@lru_cache(maxsize=NAMED_MAX)
def _named(prefix: str, statistic: str, owners: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(prefix + (series_key(statistic, owner) if owner else statistic) for owner in owners)
