"""The rows of the layers x steps heat map: how tall it is, and which rows are named in how few characters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FRAME_PIXELS = 84
"""What the axis, its title and the margins take of the chart's height."""
ROW_PIXELS_MIN, ROW_PIXELS_MAX = 7.0, 14.0
PLOT_PIXELS_MIN, PLOT_PIXELS_ROOMY, PLOT_PIXELS_MAX = 150, 480, 900
LABEL_PIXELS = 14
LABEL_CHARACTERS_MAX = 22
TAIL_CHARACTERS_MIN = 4
"""A name is cut at a dot where at least so much of it stays."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class RowLabel:
    """A name beside the rows; `place` counts rows from the top, whole at the middle of the first one."""

    place: float
    text: str


def chart_pixels(rows: int) -> int:
    """The height of the chart: roomy for few rows, at least 7 pixels a row for up to 128, then bounded."""
    roomy = min(PLOT_PIXELS_ROOMY, ROW_PIXELS_MAX * rows)
    plot = min(PLOT_PIXELS_MAX, max(PLOT_PIXELS_MIN, roomy, ROW_PIXELS_MIN * rows))
    return FRAME_PIXELS + round(plot)


def row_labels(names: Sequence[str], pixels: float) -> list[RowLabel]:
    """Every row's name where the plot's `pixels` have room for it, else one name a block, as many as fit."""
    if LABEL_PIXELS * len(names) <= pixels:
        return [RowLabel(place, shortened(name)) for place, name in enumerate(names)]
    starts = block_starts(names)
    middles = [
        RowLabel((start + end - 1) / 2, shortened(block(names[start])))
        for start, end in pairwise([*starts, len(names)])
    ]
    return _with_room(middles, LABEL_PIXELS * len(names) / pixels)


def block_starts(names: Sequence[str]) -> list[int]:
    """The rows at which another block begins, the first among them."""
    return [place for place, name in enumerate(names) if place == 0 or block(name) != block(names[place - 1])]


def block(name: str) -> str:
    """The part of a dotted name up to its first number: `blocks.7.attn.qkv` is of `blocks.7`."""
    found = re.match(r"(?:[^.]*\.)*?\d+(?=\.|$)", name)
    return found.group() if found else name


def shortened(name: str, most: int = LABEL_CHARACTERS_MAX) -> str:
    """The end of a dotted name in at most `most` characters, cut at a dot where one is near."""
    if len(name) <= most:
        return name
    tail = name[1 - most :]
    _, dot, rest = tail.partition(".")
    return ELLIPSIS + (rest if dot and len(rest) >= TAIL_CHARACTERS_MIN else tail)


def _with_room(labels: list[RowLabel], rows_between: float) -> list[RowLabel]:
    """The labels with at least so many rows between each two."""
    kept = labels[:1]
    for label in labels[1:]:
        if label.place - kept[-1].place >= rows_between:
            kept.append(label)
    return kept
