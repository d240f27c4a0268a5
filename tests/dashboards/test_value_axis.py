import numpy as np
import pytest

from trainvitals_dashboards.value_axis import fitting, quantile, rebin
from trainvitals_wire.histogram import EDGES, count


def _counts(*scales: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([count((rng.standard_normal(4000) * scale).astype(np.float32))[0] for scale in scales], dtype=float)


def test_alike_columns_get_a_linear_axis_that_holds_nearly_all_values() -> None:
    counts = _counts(0.1, 0.12, 0.11)
    axis = fitting(EDGES, counts)
    shares = rebin(EDGES, counts, axis)
    assert not axis.logarithmic
    assert shares.sum(axis=1) == pytest.approx(1, abs=0.02)
    assert 0.25 < axis.edges[-1] < 0.7


def test_an_explosion_and_what_was_before_it_are_both_to_be_seen() -> None:
    counts = _counts(1e-3, 1e-3, 1e-3, 10.0)
    axis = fitting(EDGES, counts)
    shares = rebin(EDGES, counts, axis)
    assert axis.logarithmic
    assert all((row > 0.005).sum() > 10 for row in shares)


def test_a_single_value_still_has_an_axis() -> None:
    counts = np.zeros((1, len(EDGES) - 1))
    counts[0, 257] = 5
    axis = fitting(EDGES, counts)
    assert axis.edges[-1] > axis.edges[0]


def test_an_empty_histogram_still_has_an_axis() -> None:
    assert len(fitting(EDGES, np.zeros((2, len(EDGES) - 1))).places) > 0


def test_a_mass_of_exact_zeros_does_not_set_the_axis() -> None:
    counts = _counts(0.1, 0.1)
    counts[:, len(counts[0]) // 2] = 1e6
    axis = fitting(EDGES, counts)
    assert 0.2 < axis.edges[-1] < 0.7
    shares = rebin(EDGES, counts, axis)
    assert shares.max(axis=1) == pytest.approx(1, abs=0.02)


def test_quantiles_are_those_of_the_values() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal(20_000).astype(np.float32)
    counts = np.array([count(values)[0]], dtype=float)
    for share in (0.01, 0.25, 0.5, 0.75, 0.99):
        assert quantile(EDGES, counts, share)[0] == pytest.approx(np.quantile(values, share), rel=0.05, abs=0.05)


def test_a_column_without_values_has_no_quantile() -> None:
    assert np.isnan(quantile(np.arange(4.0), np.zeros((1, 3)), 0.5)).all()


@pytest.mark.parametrize("scales", [(0.1, 0.12), (1e-3, 1e-3, 1e-3, 10.0)])
def test_a_value_is_drawn_in_the_bin_that_holds_it(scales) -> None:
    axis = fitting(EDGES, _counts(*scales))
    assert axis.drawn(axis.edges[:-1]) == pytest.approx(axis.places - (axis.places[1] - axis.places[0]) / 2)
