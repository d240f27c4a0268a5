"""Multiply the learning rate by the number that the card names."""

import re

from ..training import Training

PATTERN = re.compile(r"[Mm]ultiply the learning rate by (?:about )?([\d.,]*\d)")


def apply(training: Training, found: re.Match[str]) -> None:
    """Once; the schedule keeps its shape."""
    training.scale_rate(float(found[1].replace(",", "")))
