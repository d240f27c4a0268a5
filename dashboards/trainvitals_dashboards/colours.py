"""Colours: Okabe-Ito for lines, cividis for magnitudes, a diverging scale with a neutral healthy band."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from trainvitals_dashboards.view import Theme

SKY, ORANGE, GREEN, VERMILION, BLUE, PURPLE, YELLOW = (
    "#56B4E9", "#E69F00", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#F0E442",
)  # fmt: skip
RUN_COLOURS = (SKY, ORANGE, GREEN, VERMILION, PURPLE, BLUE, YELLOW)
DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True, slots=True)
class Ink:
    """What a theme draws with."""

    text: str
    muted: str
    grid: str
    surface: str
    neutral: str
    critical: str
    warning: str


INKS: dict[Theme, Ink] = {
    "dark": Ink("#d7dee8", "#8b97a8", "rgba(139,151,168,.16)", "#161b22", "#2a323d", "#ff8361", "#f0c043"),
    "light": Ink("#1c2430", "#5b6675", "rgba(91,102,117,.18)", "#ffffff", "#eef1f5", "#b83a10", "#8a6100"),
}


@dataclass(frozen=True, slots=True)
class Stroke:
    """How the line of a run is drawn, the same on every page."""

    colour: str
    dash: str


def stroke(run_id: str) -> Stroke:
    """The stroke that a run has by its identifier alone."""
    return Stroke(RUN_COLOURS[zlib.crc32(run_id.encode()) % len(RUN_COLOURS)], DASHES[0])


def strokes(run_ids: Iterable[str]) -> dict[str, Stroke]:
    """A stroke for each of several runs; a run moves off its own colour only where an earlier one has it."""
    given: dict[str, Stroke] = {}
    for run_id in run_ids:
        wanted = stroke(run_id)
        start = RUN_COLOURS.index(wanted.colour)
        ring = [RUN_COLOURS[(start + offset) % len(RUN_COLOURS)] for offset in range(len(RUN_COLOURS))]
        taken = {other.colour for other in given.values()}
        colour = next((colour for colour in ring if colour not in taken), wanted.colour)
        given[run_id] = Stroke(colour, DASHES[len(given) // len(RUN_COLOURS) % len(DASHES)])
    return given


DARKER = {
    SKY: BLUE, ORANGE: "#8f6200", GREEN: "#00724f", VERMILION: "#a84a00", PURPLE: "#9b3f71", YELLOW: "#7a7000",
}  # fmt: skip
"""The same hues dark enough to be read as small text on white (contrast of at least 4.5)."""


def lettering(colour: str, theme: Theme) -> str:
    """The colour of the text beside a line of this colour."""
    return DARKER.get(colour, colour) if theme == "light" else colour


def diverging(ink: Ink, band: float) -> list[tuple[float, str]]:
    """Blue below, orange above; `band` is the share of the scale, in its middle, that has the neutral tone."""
    low, high = 0.5 - band / 2, 0.5 + band / 2
    return [
        (0.0, BLUE),
        (low / 2, SKY),
        (low, ink.neutral),
        (high, ink.neutral),
        ((1 + high) / 2, ORANGE),
        (1.0, YELLOW if ink.surface != "#ffffff" else VERMILION),
    ]
