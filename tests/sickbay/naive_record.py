"""The recorded numbers as a naive rule reads them: whole series by key, nothing else."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire.names import CRITERION_LOSS_KEY, LOSS_KEYS, VALIDATION_LOSS_KEYS
from trainvitals_wire.records import Layer
from trainvitals_wire.report import Report

Series = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Steps [n] and values [n]."""
NONE: Series = (np.empty(0, np.int64), np.empty(0))


class NaiveRecord:
    """All series, layers and criterion facts of one recording."""

    def __init__(self, reports: list[Report]) -> None:
        self._reports = reports

    @cached_property
    def series(self) -> dict[str, Series]:
        """Every series in the order of its steps."""
        parts: dict[str, list[Series]] = {}
        for frame in (frame for report in self._reports for frame in report.frames):
            for key, column in zip(frame.keys, frame.values.T, strict=True):
                parts.setdefault(key, []).append((frame.steps, column.astype(np.float64)))
        return {key: _joined(found) for key, found in parts.items()}

    def of(self, statistic: str) -> Iterator[tuple[str, Series]]:
        """One statistic of every layer or parameter: owner and series."""
        for key, found in self.series.items():
            kind, _, owner = key.partition("/")
            if kind == statistic and owner:
                yield owner, found

    def matrices(self, statistic: str) -> Iterator[tuple[str, Series]]:
        """The same of the weight matrices."""
        return ((owner, found) for owner, found in self.of(statistic) if owner.endswith("weight"))

    @property
    def loss(self) -> Series:
        """The loss that the user logs, else the criterion's."""
        return next((self.series[key] for key in (*LOSS_KEYS, CRITERION_LOSS_KEY) if key in self.series), NONE)

    @property
    def validation_loss(self) -> Series:
        """Empty where none is logged."""
        return next((self.series[key] for key in VALIDATION_LOSS_KEYS if key in self.series), NONE)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The network, empty where nothing was captured."""
        return next((report.layers for report in reversed(self._reports) if report.layers), ())

    @cached_property
    def criterion(self) -> dict[str, Any]:
        """What the criterion was fed first; empty where that is not known."""
        facts = [fact for report in self._reports for fact in report.facts if fact["kind"] == "criterion"]
        return {"type": facts[0].get("type"), **facts[0]["details"]} if facts else {}


def first_step(series: Series, wrong: NDArray[np.bool_]) -> int | None:
    """The first step at which something is wrong."""
    return int(series[0][np.argmax(wrong)]) if wrong.any() else None


def _joined(parts: list[Series]) -> Series:
    steps, values = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    order = np.argsort(steps, kind="stable")
    return steps[order], values[order]
