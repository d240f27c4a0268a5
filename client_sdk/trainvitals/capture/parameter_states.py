"""Which parameters are trained, and which are not and why: told when it changes."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from trainvitals.capture.observation import Observation
from trainvitals.capture.settings import Setting
from trainvitals.collector import Collector

NAMES_MAX = 256
"""Names told of each list; its length is told too."""


class ParameterStates:
    """Looks at each sample; what gradients say is looked at on deep steps alone, where it is steadier."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._told: dict[str, Any] = {}
        self._of_gradients: dict[str, Any] = {}

    def look(self, seen: Observation, *, deep: bool) -> None:
        settings = seen.settings
        if not settings:
            return
        trained = {name: setting for name, setting in settings.items() if setting.trainable}
        details: dict[str, Any] = {"count": len(settings)}
        details |= _list("not_trainable", (name for name, setting in settings.items() if not setting.trainable))
        if any(setting.group is not None for setting in settings.values()):
            details |= _list("not_in_optimizer", (name for name, one in trained.items() if one.group is None))
            details["group"] = _groups(settings)
        if deep and seen.gradients:
            zero = np.flatnonzero(seen.gradient_norms == 0).tolist()
            # Seen in the backward pass and gone since is a gradient too.
            held = set(seen.gradients.owners)
            without = (name for name, one in trained.items() if not one.has_gradient and name not in held)
            self._of_gradients = _list("without_gradient", without)
            self._of_gradients |= _list("zero_gradient", (seen.gradients.owners[row] for row in zero))
        details |= self._of_gradients
        if details != self._told:
            self._told = details
            self._collector.fact({"kind": "parameters", "step": seen.step, "details": details})


def _list(name: str, names: Iterable[str]) -> dict[str, Any]:
    found = list(names)
    return {name: found[:NAMES_MAX], f"{name}_count": len(found)}


def _groups(settings: Mapping[str, Setting]) -> dict[str, list[str]]:
    """The parameters of each further group; what is in none of these is in the first."""
    found: dict[str, list[str]] = {}
    for name, setting in settings.items():
        if setting.group:
            found.setdefault(str(setting.group), []).append(name)
    return {group: names[:NAMES_MAX] for group, names in found.items()}
