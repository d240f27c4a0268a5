"""Numbers as people read them."""

import math

_NARROW_SPACE = "\u202f"
ABSENT = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"


def short(value: float | None) -> str:
    """About three digits: `2.61`, `0.017`, `4.3e-5`, `1.2e6`; a dash where there is none."""
    if value is None:
        return ABSENT
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    size = abs(value)
    if size == 0:
        return "0"
    if 0.01 <= size < 10_000:
        digits = 2 if size < 0.1 else 3
        text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
        return text
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def whole(value: int | None) -> str:
    """A count or a step with narrow spaces between the thousands."""
    return ABSENT if value is None else f"{value:,}".replace(",", _NARROW_SPACE)


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with one digit behind the point."""
    return ABSENT if fraction is None else f"{100 * fraction:.1f}{_NARROW_SPACE}%"


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 warning`, `5 warnings`."""
    return f"{whole(count)} {noun}{'' if count == 1 else 's'}"
