"""Medians by sorting are those of numpy."""

import math

import numpy as np
import pytest

from trainvitals_server.diagnosis.median import RunningMedians, median, medians, quantile, quantiles, running_medians


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_they_are_those_of_numpy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=(7, 3, n))
    values[0, 0, 0], values[1, 1, -1], values[2, 2, 0] = math.nan, math.inf, -math.inf
    np.testing.assert_array_equal(medians(values), np.median(values, axis=-1))


def test_running_ones_are_of_each_window() -> None:
    values = np.array([[1.0, 9.0, 2.0, 8.0], [4.0, 4.0, math.nan, 4.0]])
    np.testing.assert_array_equal(running_medians(values, 2), [[5.0, 5.5, 5.0], [4.0, math.nan, math.nan]])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.75, 0.95, 1.0])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_quantiles_are_those_of_numpy(n: int, share: float) -> None:
    values = np.random.default_rng(n).normal(size=(n, 4))
    np.testing.assert_allclose(quantiles(values, share), np.quantile(values, share, axis=0), rtol=1e-12)
    assert quantile(values, share) == pytest.approx(np.quantile(values, share), rel=1e-12)


@pytest.mark.parametrize(
    ("values", "middle"),
    [([], math.nan), ([1.0, math.nan], math.nan), ([1.0, math.inf, math.inf], math.inf), ([-math.inf] * 2, -math.inf)],
)
def test_the_median_of_what_is_not_finite(values: list[float], middle: float) -> None:
    np.testing.assert_equal(median(np.array(values)), middle)


def test_running_medians_of_what_grows_are_those_of_the_whole() -> None:
    values, running = np.random.default_rng(0).normal(size=60), RunningMedians()
    for known in (3, 4, 20, 20, 33, 60):
        np.testing.assert_array_equal(running.of(values[:known], 3), running_medians(values[:known], 3))
    # Another length, and what was forgotten or changed, are computed anew.
    np.testing.assert_array_equal(running.of(values, 5), running_medians(values, 5))
    np.testing.assert_array_equal(running.of(values[10:50], 5), running_medians(values[10:50], 5))
