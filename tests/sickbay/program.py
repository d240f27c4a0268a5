"""A program: one whole training script as somebody else would write it, with its bug and without."""

import pkgutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from trainvitals.run import Run

from . import programs
from .fault import Fault, Half, load_faults

PROGRAM = "program"
"""What stands in the place of a network and its task."""
FOLDERS = ("open", "sealed")


@dataclass(frozen=True)
class Program:
    """`train(run, sick=..., seed=...)` trains, watched by itself, and gives the score on what was held out, 0 to 1.

    `causes`, `by_definition` and `onset` are those of a Fault; a program without causes is healthy and never sick. A
    `sealed` one stands in the totals alone: whoever writes rules sees neither its text nor what was said of it.
    """

    train: Callable[..., float]
    causes: tuple[str, ...] = ()
    by_definition: bool = False
    onset: int = 0
    sealed: bool = False
    name: str = ""

    @property
    def half(self) -> Half:
        """The sealed ones verify."""
        return "b" if self.sealed else "a"

    @property
    def trainings(self) -> tuple[str, ...]:
        """It brings its own."""
        return (PROGRAM,)

    @property
    def has_plain_twin(self) -> bool:
        """Its twin is itself, fixed."""
        return False

    @property
    def path(self) -> Path:
        """Its file."""
        return Path(programs.__path__[0]) / FOLDERS[self.sealed] / f"{self.name}.py"


@dataclass(frozen=True)
class Started:
    """A program about to run."""

    program: Program
    sick: bool
    seed: int

    def run(self, run: Run, watch: Mapping[str, Any]) -> float:
        """Train; `watch` is added to what the program itself says when it calls `run.watch`."""
        if watch:
            vars(run)["watch"] = partial(run.watch, **watch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return min(1.0, max(0.0, float(self.program.train(run, sick=self.sick, seed=self.seed))))


@cache
def load_programs() -> dict[str, Program]:
    """Every program by the name of its file; its folder says whether it is sealed."""
    return {name: found for folder in FOLDERS for name, found in _programs(folder)}


def fault_of(name: str) -> Fault | Program:
    """What is wrong in the sick cases of this name."""
    return load_programs()[name] if name in load_programs() else load_faults()[name]


def _programs(folder: str) -> list[tuple[str, Program]]:
    package = import_module(f"{programs.__name__}.{folder}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
    return [(name, replace(each.PROGRAM, name=name, sealed=folder == "sealed")) for name, each in modules.items()]
