"""A threshold: a number that judges, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

Thresholds = Mapping[str, float]
"""The numbers in force, by name."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a rule, or the policy that all rules share, declares: a default and its source.

    A default that is an int stands for a count: only whole numbers from 1 on may replace it. Any other may be replaced
    by a finite number that is not negative.
    """

    value: float
    source: str


Declared = Mapping[str, Threshold]


def defaults(declared: Declared) -> Thresholds:
    """The numbers without their sources."""
    return {name: threshold.value for name, threshold in declared.items()}
