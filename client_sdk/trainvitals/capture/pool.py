"""The buffer sets: eight for training, one for evaluation."""

from collections import deque
from collections.abc import Callable

from trainvitals.capture.sample import Phase, Sample

TRAINING_SETS = 8
"""The set given back last goes out first: those that are never needed at once have no memory."""
EVALUATION_SETS = 1


class Pool:
    """Gives sets out and takes them back, from any thread; where none is free nobody waits.

    That is counted, unless the sample is only `late`.
    """

    def __init__(self, layers: int, parameters: int, drop: Callable[[str], None]) -> None:
        self._drop = drop
        self._free: dict[Phase, deque[Sample]] = {
            "training": deque(Sample(layers, parameters) for _ in range(TRAINING_SETS)),
            "evaluation": deque(Sample(layers, 0) for _ in range(EVALUATION_SETS)),
        }

    def take(self, phase: Phase, *, late: bool = False) -> Sample | None:
        try:
            return self._free[phase].pop()
        except IndexError:
            if not late:
                self._drop("capture_busy")
            return None

    def give_back(self, sample: Sample) -> None:
        self._free[sample.phase].append(sample)
