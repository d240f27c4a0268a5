"""What the processes of one training tell apart: the same series as each of them saw it."""

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.ranks import rank_key


def ranks(signals: Signals) -> list[int]:
    """The ranks that report to the run, empty where one process trains alone."""
    found = {int(fact.get("details", {}).get("rank", 0)) for fact in signals.facts("rank")}
    return sorted({0, *found}) if found - {0} else []


def of_rank(signals: Signals, rank: int, key: str) -> History:
    """A series as one rank saw it; rank 0 speaks for the run."""
    return signals.history(key if rank == 0 else rank_key(rank, key))


def side_by_side(histories: list[History]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The steps [n] that all of some series know, and their values there [series, n]."""
    steps = histories[0].steps
    for history in histories[1:]:
        steps = np.intersect1d(steps, history.steps, assume_unique=True)
    return steps, np.array([history.values[np.searchsorted(history.steps, steps)] for history in histories])
