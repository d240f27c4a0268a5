"""The checks that stand between foreign bytes and a report: each gives the value or says what is wrong with it."""

import json
import math
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire.errors import MalformedReport
from trainvitals_wire.limits import COUNT_MAX, FRAME_SERIES_MAX, FRAME_STEPS_MAX, KEY_LENGTH_MAX, STEP_MAX
from trainvitals_wire.records import Fact, Layer


def header(text: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedReport(f"header is not JSON: {error}") from error
    if not isinstance(entry, dict):
        raise MalformedReport("header is not a JSON object")
    return entry


def entries(entry: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = entry.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedReport(f"{name} is not a list of objects")
    return items


def text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= KEY_LENGTH_MAX:
        raise MalformedReport(f"{name} is not a text of 1 to {KEY_LENGTH_MAX} characters")
    return value


def whole(entry: dict[str, Any], name: str, low: int, high: int = 2**63 - 1) -> int:
    value = entry.get(name)
    if type(value) is not int or not low <= value <= high:
        raise MalformedReport(f"{name} is not a whole number from {low} to {high}")
    return value


def number(entry: dict[str, Any], name: str) -> float:
    value = entry.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise MalformedReport(f"{name} is not a finite number")
    return float(value)


def mapping(entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = entry.get(name, {})
    if not isinstance(value, dict):
        raise MalformedReport(f"{name} is not an object")
    return value


def counts(entry: dict[str, Any], name: str) -> dict[str, int]:
    value = mapping(entry, name)
    return {reason: whole(value, reason, 0) for reason in value}


def key(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= KEY_LENGTH_MAX or "\n" in value or "\x00" in value:
        raise MalformedReport(f"{value!r:.80} is no series key: 1 to {KEY_LENGTH_MAX} characters on one line")
    return value


def keys(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > FRAME_SERIES_MAX:
        raise MalformedReport(f"keys is not a list of at most {FRAME_SERIES_MAX} series keys")
    found = tuple(key(item) for item in value)
    if len(set(found)) < len(found):
        raise MalformedReport("keys names a series twice")
    return found


def frame_steps(entry: dict[str, Any]) -> int:
    return whole(entry, "steps", 1, FRAME_STEPS_MAX)


def frame_series(entry: dict[str, Any]) -> int:
    return whole(entry, "series", 1, FRAME_SERIES_MAX)


def step(value: object) -> int:
    if type(value) is not int or not 0 <= value <= STEP_MAX:
        raise MalformedReport(f"step {value!r:.40} is not a whole number from 0 to 2^53")
    return value


def step_range(steps: NDArray[np.int64]) -> None:
    if len(steps) and (int(steps.min()) < 0 or int(steps.max()) > STEP_MAX):
        raise MalformedReport("a step is not between 0 and 2^53")


def finite(values: NDArray[np.float64], name: str) -> None:
    if not np.isfinite(values).all():
        raise MalformedReport(f"{name} holds a number that is not finite")


def ascending(edges: NDArray[np.float64]) -> None:
    if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        raise MalformedReport("histogram edges do not ascend")


def buckets(found: NDArray[np.uint16], counts: NDArray[np.uint64], size: int) -> None:
    if not len(found):
        return
    if int(found.max()) >= size:
        raise MalformedReport(f"histogram names bucket {int(found.max())} of {size}")
    if len(np.unique(found)) < len(found):
        raise MalformedReport("histogram names a bucket twice")
    if int(counts.max()) > COUNT_MAX:
        raise MalformedReport(f"histogram counts {int(counts.max())} in one bucket; the most is {COUNT_MAX}")


def layers(entry: dict[str, Any]) -> tuple[Layer, ...] | None:
    if "layers" not in entry:
        return None
    items = entries(entry, "layers")
    for order, item in enumerate(items):
        _layer(item, order)
    return tuple(cast(list[Layer], items))


def _layer(item: dict[str, Any], order: int) -> None:
    """Check a layer, and put in what it leaves out."""
    text(item, "name")
    _word(item, "type")
    item.setdefault("order", order)
    whole(item, "order", 0, STEP_MAX)
    if item.setdefault("output_shape", None) is not None:
        _shape(item, "output_shape")
    item.setdefault("parameters", [])
    for parameter in entries(item, "parameters"):
        text(parameter, "name")
        _word(parameter, "dtype")
        parameter.setdefault("shape", [])
        _shape(parameter, "shape")
        for name in ("trainable", "in_optimizer"):
            if not isinstance(parameter.setdefault(name, True), bool):
                raise MalformedReport(f"{name} of parameter {parameter['name']!r:.80} is neither true nor false")


def _word(entry: dict[str, Any], name: str) -> None:
    if not isinstance(entry.setdefault(name, ""), str):
        raise MalformedReport(f"{name} of {entry['name']!r:.80} is not a text")


def _shape(entry: dict[str, Any], name: str) -> None:
    value = entry[name]
    if not isinstance(value, list) or not all(type(size) is int and 0 <= size <= STEP_MAX for size in value):
        raise MalformedReport(f"{name} of {entry['name']!r:.80} is not a list of whole numbers")


def facts(entry: dict[str, Any]) -> tuple[Fact, ...]:
    items = entries(entry, "facts")
    for item in items:
        text(item, "kind")
        step(item.get("step"))
        mapping(item, "details")
        for name in ("owner", "where", "type"):
            if not isinstance(item.get(name, ""), str):
                raise MalformedReport(f"{name} of a fact is not a text")
        parameters = item.get("parameters", [])
        if not isinstance(parameters, list) or not all(isinstance(name, str) for name in parameters):
            raise MalformedReport("parameters of a fact is not a list of texts")
    return tuple(cast(list[Fact], items))
