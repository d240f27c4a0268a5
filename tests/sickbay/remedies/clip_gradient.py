"""Clip the global gradient norm, at 1 where the card names no number."""

import re

from torch import nn

from ..training import Training

PATTERN = re.compile(r"[Cc]lip the (?:global )?gradient norm(?:[^.\d]*?(\d[\d.]*\d|\d))?")


def apply(training: Training, found: re.Match[str]) -> None:
    """Before each update."""
    limit = float(found[1] or 1.0)
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), limit))
