"""Which parameters are those of experts: several equals, of which each takes a part of the samples."""

from collections.abc import Callable
from functools import cache, lru_cache

from trainvitals_server.diagnosis.signals import Signals

NAMES_MAX = 16384
"""Names of which the kinds are remembered."""


def routed(signals: Signals, name: str) -> bool:
    """Whether a parameter is one of several equals of which each takes a part of the samples (experts).

    Equals differ in one number of their name alone. A share of the batch shows as first sizes of
    outputs that differ, or as a gradient that some steps lack.
    """
    return signals.once(_sharing)(name)


@lru_cache(maxsize=NAMES_MAX)
def _kinds(name: str) -> list[tuple[str, ...]]:
    """The name with each of its numbers left open."""
    parts = name.split(".")
    return [(*parts[:at], "*", *parts[at + 1 :]) for at, part in enumerate(parts) if part.isdecimal()]


def _equals(signals: Signals) -> dict[tuple[str, ...], list[str]]:
    """The parameters of each kind."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in signals.network.owner:
        for kind in _kinds(name):
            found.setdefault(kind, []).append(name)
    return found


def _sharing(signals: Signals) -> Callable[[str], bool]:
    """Whether the equals of a parameter share the samples among them."""
    equals = signals.at_start("equals", lambda: _equals(signals))
    shared = cache(lambda kind: len(equals[kind]) > 2 and _share_a_batch(signals, equals[kind]))
    return cache(lambda name: any(map(shared, _kinds(name))))


def _share_a_batch(signals: Signals, names: list[str]) -> bool:
    network = signals.network
    shapes = [network.layers[network.order[network.owner[name]]]["output_shape"] for name in names]
    sizes = {shape[0] for shape in shapes if shape}
    alive = [length for length in signals.finite_counts("gradient_norm", names) if length]
    return len(alive) > 1 and (len(sizes) > 1 or min(alive) < max(alive))
