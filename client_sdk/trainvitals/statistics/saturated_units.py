"""The share of a squashing layer's units that nearly always saturate, where its output was looked at whole."""

import numpy as np

from trainvitals.capture.observation import Column, Measured, Observation

APART = True
"""Large outputs are looked at whole at some samples only."""
UNIT_SHARE = 0.95
"""A unit counts as saturated where so many of its values are: one in twenty still lets some gradient through."""


def measure(seen: Observation) -> Measured:
    shares = {owner: whole.saturated for owner, whole in seen.whole.items() if whole.saturated is not None}
    if shares:
        units = np.array([float((share >= UNIT_SHARE).mean()) for share in shares.values()])
        yield Column("saturated_unit_fraction", tuple(shares), units)
