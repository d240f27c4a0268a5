"""A line chart as SVG: a few kB of text that looks the same on a light and on a dark page."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 52, 34
POINTS_MAX = 400
LOG_FROM = 50.0
"""Ratio of largest to smallest value from which a scale is logarithmic, where all values are positive."""
WORDS_MAX = 108
"""Most characters of the line under the title."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One series: `points` are (step, value)."""

    name: str
    points: Sequence[Point]
    colour: str


@dataclass(frozen=True)
class Chart:
    """Lines over steps, the step at which it began, and the levels that judge them, as (name, value)."""

    title: str
    words: str
    lines: Sequence[Line]
    onset: float | None = None
    levels: Sequence[tuple[str, float]] = ()

    def svg(self) -> str:
        """The whole picture."""
        return "\n".join(self._parts()) + "\n"

    def _parts(self) -> Iterator[str]:
        scale = Scale.of([line.points for line in self.lines], [value for _, value in self.levels])
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'font-family="sans-serif" font-size="12" fill="#1c2430">'
        )
        yield f'<title>{escape(self.title)}</title><rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#fff"/>'
        yield text(14, 20, self.title, size=14, weight=600)
        yield text(14, 38, shortened(self.words), colour="#5b6675")
        yield from self._axes(scale)
        for line in self.lines:
            yield path(scale, line)
        yield from self._legend()
        yield "</svg>"

    def _axes(self, scale: "Scale") -> Iterator[str]:
        for value in scale.ticks():
            y = scale.y(value)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e6eaef"/>'
            yield text(LEFT - 6, y + 4, f"{value:.3g}", anchor="end", colour="#5b6675")
        for step in (scale.first, (scale.first + scale.last) / 2, scale.last):
            yield text(scale.x(step), HEIGHT - BOTTOM + 16, f"{step:.0f}", anchor="middle", colour="#5b6675")
        for name, value in self.levels:
            y = scale.y(value)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#8a6100" stroke-dasharray="5 4"/>'
            yield text(WIDTH - RIGHT - 4, y - 4, f"{name} {value:.3g}", anchor="end", colour="#8a6100")
        if self.onset is not None:
            x = scale.x(min(max(self.onset, scale.first), scale.last))
            yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#b83a10" stroke-dasharray="2 3"/>'
            yield text(WIDTH - RIGHT, 20, f"since step {self.onset:.0f}", anchor="end", colour="#b83a10")

    def _legend(self) -> Iterator[str]:
        x = float(LEFT)
        for line in self.lines:
            yield f'<path d="M{x:.0f} {HEIGHT - 9}h16" stroke="{line.colour}" stroke-width="2.5"/>'
            yield text(x + 21, HEIGHT - 5, line.name)
            x += 40 + 6.6 * len(line.name)
        yield text(WIDTH - RIGHT, HEIGHT - 5, "step", anchor="end", colour="#5b6675")


@dataclass(frozen=True)
class Scale:
    """Steps and values to places in the picture."""

    first: float
    last: float
    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, lines: Sequence[Sequence[Point]], levels: Sequence[float]) -> "Scale":
        """Wide enough for all that is finite."""
        steps = [step for points in lines for step, _ in points]
        values = [value for points in lines for _, value in points if math.isfinite(value)] + list(levels)
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        logarithmic = low > 0 and high / low > LOG_FROM
        if logarithmic:
            low, high = math.log10(low), math.log10(high)
        margin = 0.06 * (high - low) or 0.5 * abs(high) or 0.5
        return cls(min(steps, default=0.0), max(steps, default=1.0), low - margin, high + margin, logarithmic)

    def x(self, step: float) -> float:
        """Place across."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (step - self.first) / ((self.last - self.first) or 1.0)

    def y(self, value: float) -> float:
        """Place down."""
        found = math.log10(value) if self.logarithmic else value
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (found - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Three to six round values."""
        span = self.high - self.low
        least = span / 5
        power = 10 ** math.floor(math.log10(least))
        width = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
        if self.logarithmic and width < 1:
            width = 1.0 if span >= 2 else 0.5
        found = [width * count for count in range(math.ceil(self.low / width), math.floor(self.high / width) + 1)]
        return [10**value for value in found] if self.logarithmic else found


def path(scale: Scale, line: Line) -> str:
    """The line, thinned to what can be seen and broken where it is not finite (a dot where it is so alone)."""
    every = max(1, math.ceil(len(line.points) / POINTS_MAX))
    kept = [point for place, point in enumerate(line.points) if place % every == 0 or place == len(line.points) - 1]
    words, pen = [], "M"
    for step, value in kept:
        if math.isfinite(value) and (value > 0 or not scale.logarithmic):
            words.append(f"{pen}{scale.x(step):.1f} {scale.y(value):.1f}" + ("h.1" if pen == "M" else ""))
            pen = "L"
        else:
            pen = "M"
    return f'<path d="{"".join(words)}" fill="none" stroke="{line.colour}" stroke-width="2" stroke-linecap="round"/>'


def text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, weight: int = 400, colour: str = "#1c2430"
) -> str:
    """One line of text."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text {place} fill="{colour}">{escape(words)}</text>'


def shortened(words: str) -> str:
    """At most so many characters, cut between words."""
    return words if len(words) <= WORDS_MAX else words[: WORDS_MAX - 2].rsplit(" ", 1)[0] + " ..."
