"""JSON that every database takes: no NaN, no NUL, no half of a surrogate pair."""

import json
import math
from typing import Any


def text(value: str) -> str:
    """The text with each character that a database refuses replaced by U+FFFD."""
    if "\x00" in value or not value.isascii():
        return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def value(item: Any) -> Any:
    """The item with non-finite numbers as null and texts as `text` gives them."""
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    if isinstance(item, str):
        return text(item)
    if isinstance(item, dict):
        return {text(str(key)): value(entry) for key, entry in item.items()}
    if isinstance(item, list | tuple):
        return [value(entry) for entry in item]
    return item


def dumps(item: Any) -> str:
    """What the engine writes into its JSON columns."""
    return json.dumps(value(item), separators=(",", ":"), allow_nan=False, ensure_ascii=False)
