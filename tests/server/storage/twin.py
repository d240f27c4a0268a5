"""The slow, plain twin of storage: a dictionary of step -> value for each series, and loops."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from pytest import approx
from report_sender import START

KEYS = ("loss", "accuracy", "activation_std/conv1")
value = st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf, 0.1, 0.5])
Written = tuple[list[int], dict[str, list[float]]]


@st.composite
def written(draw: st.DrawFn, steps: st.SearchStrategy[int] = st.integers(0, 12) | st.integers(0, 2**53)) -> Written:  # noqa: B008
    """A frame with some of the keys, at steps that repeat and come out of order, or in order."""
    chosen = draw(st.lists(steps, min_size=1, max_size=8))
    if draw(st.booleans()):
        first = draw(steps)
        chosen = list(range(first, min(first + draw(st.integers(1, 30)), 2**53)))[:30] or [first]
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    row = st.lists(value, min_size=len(chosen), max_size=len(chosen))
    return chosen, {key: draw(row) for key in keys}


class Twin:
    """What was logged, as a dictionary knows it."""

    def __init__(self) -> None:
        self.values: dict[str, dict[int, float]] = {}
        self.logged = 0

    def log(self, frame: Written) -> None:
        steps, series = frame
        for key, values in series.items():
            self.values.setdefault(key, {}).update(zip(steps, values, strict=True))
            self.logged += len(steps)

    @property
    def replaced(self) -> int:
        return self.logged - sum(len(values) for values in self.values.values())

    def window(self, key: str, first: int | None, last: int | None) -> dict[int, float]:
        chosen = sorted(self.values[key].items())
        return {step: x for step, x in chosen if (first is None or step >= first) and (last is None or step <= last)}


def plain(number: float) -> float | None:
    return number if math.isfinite(number) else None


def bucket(values: Mapping[int, float]) -> dict[str, Any]:
    steps, numbers = list(values), list(values.values())
    finite = [number for number in numbers if math.isfinite(number)]
    return {
        "steps": steps[0],
        "times": START + steps[0],
        "min": min(finite, default=None),
        "max": max(finite, default=None),
        "mean": math.fsum(number / len(finite) for number in finite) if finite else None,
        "last": plain(numbers[-1]),
        "count": len(numbers),
        "nonfinite": len(numbers) - len(finite),
    }


def groups(values: Mapping[int, float], starts: Sequence[int]) -> list[dict[int, float]]:
    """The points from each start up to the next."""
    found: list[dict[int, float]] = [{} for _ in starts]
    for step, number in values.items():
        found[sum(start <= step for start in starts) - 1][step] = number
    return found


def check_curve(entry: Mapping[str, Any], values: Mapping[int, float], points: int) -> None:
    """Each bucket is what its points come to, and there are neither too many buckets nor needlessly few."""
    assert len(entry["steps"]) <= points
    if len(values) <= points:
        assert entry["steps"] == list(values)
    elif values:
        assert len(entry["steps"]) > points / 4 - 1
        assert entry["steps"][0] == min(values)
    expected = [bucket(group) for group in groups(values, entry["steps"])] if values else []
    for name in ("steps", "times", "min", "max", "last", "count", "nonfinite"):
        assert entry[name] == [item[name] for item in expected], name
    for mean, item in zip(entry["mean"], expected, strict=True):
        assert mean == (None if item["mean"] is None else approx(item["mean"], rel=1e-9, abs=1e285)), mean
