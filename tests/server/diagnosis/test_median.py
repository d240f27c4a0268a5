"""Medians by sorting are those of numpy."""

import math

import numpy as np
import pytest

from trainvitals_server.diagnosis.median import medians, running_medians


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_they_are_those_of_numpy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=(7, 3, n))
    values[0, 0, 0], values[1, 1, -1], values[2, 2, 0] = math.nan, math.inf, -math.inf
    np.testing.assert_array_equal(medians(values), np.median(values, axis=-1))


def test_running_ones_are_of_each_window() -> None:
    values = np.array([[1.0, 9.0, 2.0, 8.0], [4.0, 4.0, math.nan, 4.0]])
    np.testing.assert_array_equal(running_medians(values, 2), [[5.0, 5.5, 5.0], [4.0, math.nan, math.nan]])
