"""Any Python value as JSON that every reader takes: no NaN, no foreign objects."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

DEPTH_MAX = 8
TEXT_LENGTH_MAX = 10_000


def plain(value: object, odd: list[str], path: str = "", depth: int = 0) -> Any:
    """JSON for `value`; the places of numbers that are not finite are added to `odd` and stored as text ("nan").

    What is not JSON becomes its `repr`.
    """
    if value is None or isinstance(value, bool | str):
        return value if not isinstance(value, str) else value[:TEXT_LENGTH_MAX]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _odd_number(float(value), odd, path)
    if depth < DEPTH_MAX and isinstance(value, Mapping):
        return {str(key): plain(item, odd, f"{path}.{key}".strip("."), depth + 1) for key, item in value.items()}
    if depth < DEPTH_MAX and isinstance(value, list | tuple | set | frozenset):
        return [plain(item, odd, f"{path}[{place}]", depth + 1) for place, item in enumerate(value)]
    return _foreign(value, odd, path, depth)


def _foreign(value: object, odd: list[str], path: str, depth: int) -> Any:
    attributes = getattr(value, "__dict__", None)
    if type(value).__name__ == "Namespace" and depth < DEPTH_MAX and isinstance(attributes, dict):
        return plain(attributes, odd, path, depth + 1)
    try:
        return repr(value)[:TEXT_LENGTH_MAX]
    except Exception:
        return f"<{type(value).__name__}>"


def _odd_number(value: float, odd: list[str], path: str) -> str:
    odd.append(path)
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
