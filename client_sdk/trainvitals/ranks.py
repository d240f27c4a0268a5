"""Which of several processes of one training this one is, told without a collective and without importing torch."""

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LAUNCHERS = (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS"))
"""Variables of rank and number of ranks; they count only beside MASTER_ADDR and MASTER_PORT, which tell one training
of several processes from several trainings side by side."""
ATTEMPT = re.compile(r"[/\\]attempt_(\d+)[/\\]")
SPAWNED = re.compile(r"(\w*Process-(?:\d+:)*)(\d+)")
"""The name that multiprocessing gives a process: its start method, its place in the family, and a number that counts
up in the parent."""


@dataclass(frozen=True, slots=True)
class Rank:
    """One of `count` processes.

    `launch` names this start of the launcher: the same for all its ranks and for their restarts, another for the next
    start; None where nothing tells.
    """

    number: int
    count: int
    launch: str | None = None
    master: str = ""
    restarted: bool = False

    @property
    def leads(self) -> bool:
        """Rank 0 makes the run and speaks for it."""
        return self.number == 0


def find(environment: Mapping[str, str] = os.environ, modules: Mapping[str, Any] = sys.modules) -> Rank | None:
    """The rank of this process; None for a process alone, or where nothing tells."""
    number, count = _initialised(modules.get("torch.distributed")) or _launched(environment)
    if count <= 1 or not 0 <= number < count:
        return None
    launch, restarted = _launch(environment, count)
    launch = launch or _spawned(number, modules.get("multiprocessing"))
    master = ":".join(filter(None, (environment.get("MASTER_ADDR"), environment.get("MASTER_PORT"))))
    return Rank(number, count, launch, master, restarted)


def store(modules: Mapping[str, Any] = sys.modules) -> Any:
    """The key-value store of torch.distributed, None where that is not initialised.

    Not to be kept: who holds it keeps its port open when the script takes the process group down and makes another.
    """
    try:
        # Private: there is no public way to the store that init_process_group made.
        return modules["torch.distributed"].distributed_c10d._get_default_store()
    except Exception:
        return None


def _initialised(distributed: Any) -> tuple[int, int] | None:
    """Rank and number of ranks of an initialised process group; neither asks other ranks."""
    try:
        if distributed is None or not distributed.is_available() or not distributed.is_initialized():
            return None
        return distributed.get_rank(), distributed.get_world_size()
    except Exception:
        return None


def _launched(environment: Mapping[str, str]) -> tuple[int, int]:
    if environment.get("MASTER_ADDR") and environment.get("MASTER_PORT"):
        for number, count in LAUNCHERS:
            if environment.get(number, "").isdecimal() and environment.get(count, "").isdecimal():
                return int(environment[number]), int(environment[count])
    return 0, 1


def _launch(environment: Mapping[str, str], count: int) -> tuple[str | None, bool]:
    """torchrun gives its workers of one machine files in a folder of this start, `.../attempt_0/1/error.json`."""
    path = environment.get("TORCHELASTIC_ERROR_FILE", "")
    found = ATTEMPT.search(path)
    if found is None or environment.get("LOCAL_WORLD_SIZE") != str(count):
        return None, False
    return path[: found.start()], int(found[1]) > 0


def _spawned(number: int, multiprocessing: Any) -> str | None:
    """`torch.multiprocessing.spawn` starts the ranks one after the other, with a secret that its family alone shares.

    Names that the user gave say nothing: they may come again in the next launch.
    """
    if multiprocessing is None or multiprocessing.parent_process() is None:
        return None
    own = multiprocessing.current_process()
    found = SPAWNED.fullmatch(own.name)
    if found is None:
        return None
    family = hashlib.blake2b(own.authkey, digest_size=16).hexdigest()
    return f"{family} {found[1]}{int(found[2]) - number}"
