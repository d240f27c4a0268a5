"""The rotating buffer sets: four for training, one for evaluation."""

from collections.abc import Callable
from queue import Empty, SimpleQueue

from trainvitals.capture.sample import Phase, Sample

TRAINING_SETS = 4
EVALUATION_SETS = 1


class Pool:
    """Gives sets out and takes them back, from any thread; where none is free nobody waits.

    That is counted, unless the sample is only `late`.
    """

    def __init__(self, layers: int, parameters: int, drop: Callable[[str], None]) -> None:
        self._drop = drop
        self._free: dict[Phase, SimpleQueue[Sample]] = {"training": SimpleQueue(), "evaluation": SimpleQueue()}
        for _ in range(TRAINING_SETS):
            self._free["training"].put(Sample(layers, parameters))
        for _ in range(EVALUATION_SETS):
            self._free["evaluation"].put(Sample(layers, 0))

    def take(self, phase: Phase, *, late: bool = False) -> Sample | None:
        try:
            return self._free[phase].get_nowait()
        except Empty:
            if not late:
                self._drop("capture_busy")
            return None

    def give_back(self, sample: Sample) -> None:
        self._free[sample.phase].put(sample)
