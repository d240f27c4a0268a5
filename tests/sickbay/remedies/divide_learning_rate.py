"""Divide the learning rate by the number that the card names."""

import re

from ..training import Training

PATTERN = re.compile(r"[Dd]ivide the learning rate by (?:about )?([\d.,]*\d)")


def apply(training: Training, found: re.Match[str]) -> None:
    """Once; the schedule keeps its shape."""
    training.scale_rate(1 / float(found[1].replace(",", "")))
