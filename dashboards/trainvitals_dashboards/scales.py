"""How each statistic is coloured in the layers x steps heat map: logarithm or not, healthy band, reduction."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """`band` is the healthy range in the statistic's own unit, drawn in the neutral tone; without one the scale is
    sequential. `reduce` says how live steps merge into a column; it is what the reader does for older ones."""

    title: str
    label: str
    logarithm: bool
    reduce: Literal["max", "mean"]
    band: tuple[float, float] | None = None


SCALES: dict[str, Scale] = {
    "gradient_norm": Scale("Gradient norm", "log₁₀ ‖∇‖", True, "max"),
    "activation_std": Scale("Activation std", "log₁₀ std", True, "mean", (0.5, 2.0)),
    "update_ratio": Scale("Update ratio", "log₁₀ ‖ΔW‖/‖W‖", True, "max", (1e-4, 1e-2)),
    "activation_mean": Scale("Activation mean", "mean", False, "mean"),
    "activation_zero_fraction": Scale("Zero activations", "fraction", False, "mean"),
    "activation_saturated_fraction": Scale("Saturated activations", "fraction", False, "mean"),
    "saturated_unit_fraction": Scale("Saturated units", "fraction", False, "mean"),
    "dead_unit_fraction": Scale("Dead units", "fraction", False, "mean"),
    "nonpositive_unit_fraction": Scale("Units never positive", "fraction", False, "mean"),
    "activation_absmax": Scale("Activation maximum", "log₁₀ max", True, "max"),
    "weight_norm": Scale("Weight norm", "log₁₀ ‖W‖", True, "mean"),
    "weight_std": Scale("Weight std", "log₁₀ std", True, "mean"),
    "weight_mean": Scale("Weight mean", "mean", False, "mean"),
    "gradient_std": Scale("Gradient std", "log₁₀ std", True, "max"),
    "gradient_mean": Scale("Gradient mean", "mean", False, "max"),
    "update_norm": Scale("Update norm", "log₁₀ ‖ΔW‖", True, "max"),
    "nonfinite_count": Scale("Non-finite values", "count", False, "max"),
}
"""Bands: activation std 0.5 to 2.0 and update ratio 1e-4 to 1e-2, see DIAGNOSIS.md section 2."""
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.7
"""Robust limits of the colours, or one explosion eats all contrast (LIVE_UI.md)."""


def transformed(values: Floats, scale: Scale) -> Floats:
    """What is coloured: the logarithm where the scale has one; zero and negative values become gaps."""
    if not scale.logarithm:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(np.where(values > 0, values, 1.0)), np.nan)


def limits(coloured: Floats, scale: Scale) -> tuple[float, float]:
    """Least and greatest colour value; symmetric around the middle of the healthy band where there is one."""
    finite = coloured[np.isfinite(coloured)]
    low, high = np.percentile(finite, [LOW_PERCENTILE, HIGH_PERCENTILE]) if len(finite) else (0.0, 1.0)
    if scale.band is None:
        return float(low), float(max(high, low + 1e-6))
    middle, half = band_of(scale)
    reach = max(2 * half, abs(float(low) - middle), abs(float(high) - middle))
    return middle - reach, middle + reach


def band_of(scale: Scale) -> tuple[float, float]:
    """Middle and half width of the healthy band, as coloured; the scale must have one."""
    low, high = transformed(np.asarray(scale.band, dtype=np.float64), scale)
    return float(low + high) / 2, float(high - low) / 2
