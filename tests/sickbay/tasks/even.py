"""Whether a digit is even: images [n, 1, 8, 8] and targets [n, 1] of 0 and 1."""

from dataclasses import replace

from ..task import Task
from . import digits


def task() -> Task:
    """The images of `digits`."""
    source = digits.task()
    even = (source.targets % 2 == 0).float()[:, None]
    return replace(source, name="even", kind="binary", targets=even, outputs=1)
