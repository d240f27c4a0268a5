"""Small lines for tables, as the `d` of an SVG path; the page's script makes the picture."""

from collections.abc import Sequence
from math import isfinite, log10

WIDTH, HEIGHT = 96, 18


def path(values: Sequence[float | None], *, logarithm: bool = False) -> str:
    """The path of `values` in a box of 96 x 18; gaps where a value is missing or not finite, empty without any.

    With `logarithm`, values that are not positive are gaps.
    """
    drawn = [_drawn(value, logarithm) for value in values]
    finite = [value for value in drawn if value is not None]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    # A line that hardly moves must look flat: half an order of magnitude, or a fifth of its size, fills the box.
    span = max(high - low, 0.5 if logarithm else 0.2 * max(abs(low), abs(high)), 1e-12)
    middle = (low + high) / 2
    across = (WIDTH - 2) / max(1, len(drawn) - 1)
    parts, pen = [], "M"
    for place, value in enumerate(drawn):
        if value is None:
            pen = "M"
            continue
        y = HEIGHT / 2 - (value - middle) / span * (HEIGHT - 4)
        parts.append(f"{pen}{1 + place * across:.4g} {y:.3g}")
        pen = "L"
    return "".join(parts)


def _drawn(value: float | None, logarithm: bool) -> float | None:
    if value is None or not isfinite(value) or (logarithm and value <= 0):
        return None
    return log10(value) if logarithm else value
