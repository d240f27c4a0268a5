"""The last, least and greatest value of each metric, kept in the run's row as reports come."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from trainvitals_wire.frame import Frame
from trainvitals_wire.names import kind_of
from trainvitals_wire.records import MetricSummary

SUMMARY_METRICS_MAX = 100
"""Metrics that the run's row sums up; it is read for each line of the run list, so it must stay small."""


def places(keys: Sequence[str]) -> list[tuple[int, str]]:
    """Where the metrics stand in a column list."""
    return [(place, key) for place, key in enumerate(keys) if kind_of(key) == "metric"]


def update(metrics: dict[str, Any], frame: Frame, chosen: Sequence[tuple[int, str]]) -> None:
    """Bring `{key: [last, step of last, min, max]}` up to date with a frame, whose metrics are at `chosen`.

    Least and greatest are those of every finite value logged, also of one that was replaced later.
    """
    newest = len(frame.steps) - 1 - int(np.argmax(frame.steps[::-1]))
    step = int(frame.steps[newest])
    for place, key in chosen:
        if key not in metrics and len(metrics) >= SUMMARY_METRICS_MAX:
            continue
        values = frame.values[:, place]
        finite = values[np.isfinite(values)]
        last, last_step, low, high = metrics.get(key, [None, -1, None, None])
        if step >= last_step:
            last, last_step = _finite(float(values[newest])), step
        if len(finite):
            low = min(math.inf if low is None else low, float(finite.min()))
            high = max(-math.inf if high is None else high, float(finite.max()))
        metrics[key] = [last, last_step, _finite(low), _finite(high)]


def summary(metrics: dict[str, Any]) -> dict[str, MetricSummary]:
    """The `summary` of API.md."""
    return {key: {"last": last, "min": low, "max": high} for key, (last, _, low, high) in metrics.items()}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
