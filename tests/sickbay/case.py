"""A case: one training to run, named so that a worker process or a file can stand for it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from .fault import Fault, Half, Healthy, load_faults, load_healthy
from .program import PROGRAM, Program, Started, fault_of, load_programs
from .remedy import apply
from .training import Training, training

Role = Literal["sick", "twin", "healthy", "remedied"]
Programs = Literal["open", "sealed", "all", "none"]
PLAIN = "plain"
"""The name of the twin that many faults share: the training as it comes."""
HERE = Path(__file__).parent
SHARED = ("training.py", "task.py", "tasks/*.py", "networks/*.py")


@dataclass(frozen=True)
class Case:
    """`name` is that of a fault, healthy run or program, `trained` a network and its task, `advice` the remedies
    of its cards in the order in which they are followed, a line each.
    """

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

    @property
    def sealed(self) -> bool:
        """Whether only totals may tell of it."""
        return self.trained == PROGRAM and load_programs()[self.name].sealed

    def training(self) -> Training | Started:
        """The training, ready to run."""
        if self.trained == PROGRAM:
            return Started(load_programs()[self.name], self.role == "sick", self.seed)
        return self._made()

    def _made(self) -> Training:
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
            for advice in self.advice.splitlines():
                apply(advice, made)
        return made

    @property
    def fingerprint(self) -> str:
        """Changes when the files change that make the training."""
        if self.trained == PROGRAM:
            return hashlib.sha256(load_programs()[self.name].path.read_bytes()).hexdigest()[:16]
        own = {"healthy": "healthy", PLAIN: ""}.get(self.role if self.name != PLAIN else PLAIN, "faults")
        files = [path for pattern in SHARED for path in sorted(HERE.glob(pattern))]
        files += [HERE / own / f"{self.name}.py"] if own else []
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def sick_cases(fault: Fault | Program, seeds: Iterable[int]) -> Iterator[Case]:
    """The fault in each of its trainings."""
    return (Case("sick", fault.name, trained, seed) for trained in fault.trainings for seed in seeds)


def twin_of(sick: Case) -> Case:
    """The same training without the fault."""
    name = PLAIN if fault_of(sick.name).has_plain_twin else sick.name
    return replace(sick, role="twin", name=name, advice="")


def healthy_cases(healthy: Healthy | Program, seeds: Iterable[int]) -> Iterator[Case]:
    """The healthy run in each of its trainings."""
    return (Case("healthy", healthy.name, trained, seed) for trained in healthy.trainings for seed in seeds)


def chosen(
    only: Iterable[str], half: Half | None, programs: Programs = "open", programs_alone: bool = False
) -> tuple[list[Fault | Program], list[Healthy | Program]]:
    """What may be sick and what never is: of some names (all where there are none), of one half, and which programs."""
    wanted = set(only)
    taken = [found for found in load_programs().values() if programs in ("all", "sealed" if found.sealed else "open")]
    sick: list[Fault | Program] = [found for found in taken if found.causes]
    well: list[Healthy | Program] = [found for found in taken if not found.causes]
    if not programs_alone:
        sick, well = [*load_faults().values(), *sick], [*load_healthy().values(), *well]
    unknown = wanted - {item.name for item in (*sick, *well) if not (isinstance(item, Program) and item.sealed)}
    if unknown:
        raise SystemExit(
            f"no such fault, healthy run or open program: {', '.join(sorted(unknown))}; `--list` shows all"
        )

    def fits(item: Fault | Healthy | Program) -> bool:
        return (not wanted or item.name in wanted) and (half is None or item.half == half)

    return [item for item in sick if fits(item)], [item for item in well if fits(item)]
