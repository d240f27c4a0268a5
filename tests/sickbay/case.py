"""A case: one training to run, named so that a worker process or a file can stand for it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from .fault import Fault, Half, Healthy, load_faults, load_healthy
from .remedy import apply
from .training import Training, training

Role = Literal["sick", "twin", "healthy", "remedied"]
PLAIN = "plain"
"""The name of the twin that many faults share: the training as it comes."""
HERE = Path(__file__).parent
SHARED = ("training.py", "task.py", "tasks/*.py", "networks/*.py")


@dataclass(frozen=True)
class Case:
    """`name` is that of the fault or the healthy run, `trained` a network and its task, `advice` the card's remedy."""

    role: Role
    name: str
    trained: str
    seed: int
    advice: str = ""

    @property
    def key(self) -> str:
        """A path without suffix that no other case has."""
        advice = "-" + hashlib.sha256(self.advice.encode()).hexdigest()[:8] if self.advice else ""
        return f"{self.role}/{self.name}/{self.trained.replace(' ', '-')}-{self.seed}{advice}"

    def training(self) -> Training:
        """The training, ready to run."""
        network, task_name = self.trained.split()
        made = training(network, task_name, self.seed)
        if self.name == PLAIN:
            return made
        if self.role == "healthy":
            load_healthy()[self.name].prepare(made)
            return made
        fault = load_faults()[self.name]
        fault.prepare(made)
        (fault.fix if self.role == "twin" else fault.plant)(made)
        if self.role == "remedied":
            apply(self.advice, made)
        return made

    @property
    def fingerprint(self) -> str:
        """Changes when the files change that make the training."""
        own = {"healthy": "healthy", PLAIN: ""}.get(self.role if self.name != PLAIN else PLAIN, "faults")
        files = [path for pattern in SHARED for path in sorted(HERE.glob(pattern))]
        files += [HERE / own / f"{self.name}.py"] if own else []
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def sick_cases(fault: Fault, seeds: Iterable[int]) -> Iterator[Case]:
    """The fault in each of its trainings."""
    return (Case("sick", fault.name, trained, seed) for trained in fault.trainings for seed in seeds)


def twin_of(sick: Case) -> Case:
    """The same training without the fault."""
    name = PLAIN if load_faults()[sick.name].has_plain_twin else sick.name
    return replace(sick, role="twin", name=name, advice="")


def healthy_cases(healthy: Healthy, seeds: Iterable[int]) -> Iterator[Case]:
    """The healthy run in each of its trainings."""
    return (Case("healthy", healthy.name, trained, seed) for trained in healthy.trainings for seed in seeds)


def chosen(only: Iterable[str], half: Half | None) -> tuple[list[Fault], list[Healthy]]:
    """The faults and healthy runs of some names (all where there are none) and of one half."""
    wanted = set(only)
    unknown = wanted - load_faults().keys() - load_healthy().keys()
    if unknown:
        raise SystemExit(f"no such fault or healthy run: {', '.join(sorted(unknown))}; `--list` shows all")

    def fits(item: Fault | Healthy) -> bool:
        return (not wanted or item.name in wanted) and (half is None or item.half == half)

    return [f for f in load_faults().values() if fits(f)], [h for h in load_healthy().values() if fits(h)]
