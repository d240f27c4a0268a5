"""What the user logs: checked, put under its key and step, and handed to the collector."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trainvitals.clock import checked_step
from trainvitals.collector import Collector, Number
from trainvitals.guard import Guard
from trainvitals.number import all_at_hand, number
from trainvitals.user_histogram import Histogram
from trainvitals_wire.limits import KEY_LENGTH_MAX
from trainvitals_wire.names import METRIC_PREFIX, collides

NESTING_MAX = 4
PLAIN_MAX = 1024
"""Dictionaries whose keys are remembered."""


class Metrics:
    """Takes the dictionaries of `log`; `on_numbers` hears what each came to, when it is on its way."""

    def __init__(
        self,
        collector: Collector,
        guard: Guard,
        on_numbers: Callable[[tuple[str, ...], Sequence[Number]], None] = lambda keys, numbers: None,
    ) -> None:
        self._collector = collector
        self._guard = guard
        self._on_numbers = on_numbers
        self._keys: dict[object, str | None] = {}
        self._plain: dict[tuple[Any, ...], tuple[str, ...]] = {}
        """The keys of dictionaries that hold numbers alone, by their names."""

    def log(self, values: Mapping[Any, Any], step: object, implied_step: Callable[[], int], time: float) -> None:
        """One `log` call; nothing in it raises, what cannot be kept is counted and said once."""
        chosen = implied_step() if step is None else checked_step(step)
        if chosen is None:
            self._guard.drop("step_not_valid")
            self._guard.warn_once(
                "step_not_valid", f"step={step!r:.80} is no whole number from 0 to 2^53: the values are not stored"
            )
            return
        if type(values) is not dict and not isinstance(values, Mapping):
            self._reject("log", values)
            return
        keys = self._plain.get(tuple(values))
        if keys is not None:
            at_hand = all_at_hand(values.values())
            if at_hand is not None:
                self._put(keys, chosen, time, at_hand)
                return
        numbers: dict[str, Number] = {}
        self._gather(values, "", chosen, time, numbers, 0)
        if numbers:
            keys = tuple(numbers)
            self._put(keys, chosen, time, tuple(numbers.values()))
            names = tuple(values)
            if len(self._plain) < PLAIN_MAX and keys == tuple(self._keys.get(name) for name in names):
                self._plain[names] = keys

    def _put(self, keys: tuple[str, ...], step: int, time: float, numbers: Sequence[Number]) -> None:
        self._collector.metrics(keys, step, time, numbers)
        self._on_numbers(keys, numbers)

    def _gather(
        self, values: Mapping[Any, Any], prefix: str, step: int, time: float, numbers: dict[str, Number], depth: int
    ) -> None:
        for name, value in values.items():
            path = f"{prefix}{name}" if prefix else name
            kind = type(value)
            if kind is not float and isinstance(value, Mapping) and depth < NESTING_MAX:
                self._gather(value, f"{path}/", step, time, numbers, depth + 1)
                continue
            key = self._key(path)
            if key is None:
                continue
            if isinstance(value, Histogram):
                self._collector.histogram(value.wire(key, step, time))
            elif (found := number(value)) is not None:
                numbers[key] = found
            else:
                self._reject(key, value)

    def _key(self, name: object) -> str | None:
        try:
            return self._keys[name]
        except KeyError:
            key = self._keys[name] = self._new_key(name)
            return key

    def _new_key(self, name: object) -> str | None:
        text = name if isinstance(name, str) else str(name)
        if not 0 < len(text) <= KEY_LENGTH_MAX - len(METRIC_PREFIX) or "\n" in text or "\x00" in text:
            self._reject(text[:80], "a name of this length or with line breaks")
            return None
        if not collides(text):
            return text
        self._guard.warn_once(
            f"collision {text}", f"metric {text!r} has the name of a series of the SDK: stored as metric/{text}"
        )
        return METRIC_PREFIX + text

    def _reject(self, key: object, value: object) -> None:
        self._guard.drop("not_a_number")
        self._guard.warn_once(
            f"not_a_number {key}",
            f"{key}: a {type(value).__name__} cannot be logged; log numbers, one-element tensors or tv.Histogram",
        )
