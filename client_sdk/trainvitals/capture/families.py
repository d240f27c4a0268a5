"""Finds the families of statistics by their folder and names their series."""

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from trainvitals import statistics
from trainvitals.capture.observation import Measured, Observation
from trainvitals_wire.names import series_key

Measure = Callable[[Observation], Measured]


@cache
def measures() -> tuple[Measure, ...]:
    """The `measure` of each file in `trainvitals/statistics`, by name of the file."""
    names = sorted(module.name for module in pkgutil.iter_modules(statistics.__path__))
    return tuple(import_module(f"{statistics.__name__}.{name}").measure for name in names)


_keys: dict[tuple[str, str, tuple[str, ...]], tuple[str, ...]] = {}


def measure_all(
    seen: Observation, prefix: str = "", *, of_the_run: bool = True
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The series keys and values of every statistic of a step; those without an owner where they stand for the run."""
    keys: list[str] = []
    values: list[NDArray[np.float64]] = []
    with np.errstate(all="ignore"):
        for measure in measures():
            for statistic, owners, numbers in measure(seen):
                if of_the_run or owners != ("",):
                    keys.extend(_named(prefix, statistic, owners))
                    values.append(numbers)
    return tuple(keys), np.concatenate(values) if values else np.empty(0)


def _named(prefix: str, statistic: str, owners: tuple[str, ...]) -> tuple[str, ...]:
    name = (prefix, statistic, owners)
    found = _keys.get(name)
    if found is None:
        found = _keys[name] = tuple(prefix + (series_key(statistic, owner) if owner else statistic) for owner in owners)
    return found
