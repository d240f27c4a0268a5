"""A fault: what it is called, how it is planted, and which cause a card must name for it."""

import hashlib
import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Literal

from . import faults, healthy
from .training import Change, Training

Half = Literal["a", "b"]
"""Thresholds may be looked at on half a (design); half b only verifies."""


def half_of(name: str) -> Half:
    """The half a name belongs to: by the parity of its SHA-256, so that nobody chooses."""
    return "ab"[hashlib.sha256(name.encode()).digest()[0] % 2]  # type: ignore[return-value]


def nothing(training: Training) -> None:
    """Leaves a training as it is."""


@dataclass(frozen=True)
class Fault:
    """One fault, planted by `plant` into each of `trainings` ("network task").

    `causes` are those of DESIGN.md section 6 that are right: the first is the right one, others only where two names
    are honestly the same thing. `prepare` is what the sick training and its twin share; `fix` is done to the twin in
    place of `plant`. `onset` is the step at which it first shows. `remedy` is a regular expression: advice that it
    matches means doing just what makes the twin. `seen` says that who writes the rules knows what they said of it, so
    that it verifies nothing any more.
    """

    causes: tuple[str, ...]
    trainings: tuple[str, ...]
    plant: Change
    prepare: Change = nothing
    fix: Change = nothing
    by_definition: bool = False
    onset: int = 0
    remedy: str = ""
    seen: bool = False
    name: str = ""

    @property
    def half(self) -> Half:
        """Its half: a, whatever its name says, once `seen` by who writes the rules."""
        return "a" if self.seen else half_of(self.name)

    @property
    def has_plain_twin(self) -> bool:
        """Whether its twin is the training as it comes."""
        return self.prepare is nothing and self.fix is nothing


@dataclass(frozen=True)
class Healthy:
    """A healthy run that looks sick to a naive rule, made by `prepare` from each of `trainings`; `seen` as in Fault."""

    trainings: tuple[str, ...]
    prepare: Change
    seen: bool = False
    name: str = ""

    @property
    def half(self) -> Half:
        """Its half: a, whatever its name says, once `seen`."""
        return "a" if self.seen else half_of(self.name)


@cache
def load_faults() -> dict[str, Fault]:
    """Every fault by the name of its file."""
    return {name: replace(module.FAULT, name=name) for name, module in _modules(faults).items()}


@cache
def load_healthy() -> dict[str, Healthy]:
    """Every healthy run by the name of its file."""
    return {name: replace(module.HEALTHY, name=name) for name, module in _modules(healthy).items()}


def _modules(package: object) -> dict[str, object]:
    found = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}") for name in found}
