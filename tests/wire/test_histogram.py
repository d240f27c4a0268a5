"""The fixed buckets: where a value falls, how counts add up, how close a quantile comes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from trainvitals_wire.histogram import BUCKETS, EDGES, ZERO_BUCKET, Histogram, bucket_of, count, quantile

any_float32 = npst.arrays(np.float32, st.integers(1, 50), elements=st.floats(width=32))


def test_there_are_515_buckets_with_ascending_edges() -> None:
    assert BUCKETS == 515
    assert len(EDGES) == BUCKETS + 1
    assert (np.diff(EDGES) > 0).all()


@given(any_float32)
def test_each_finite_value_lies_between_the_edges_of_its_bucket(values: np.ndarray) -> None:
    values = values[np.isfinite(values)]
    buckets = bucket_of(values)
    assert (EDGES[buckets] <= values).all()
    assert (values <= EDGES[buckets + 1]).all()


@given(any_float32, any_float32)
def test_histograms_merge_by_addition(one: np.ndarray, other: np.ndarray) -> None:
    together, nonfinite = count(np.concatenate([one, other]))
    np.testing.assert_array_equal(together, count(one)[0] + count(other)[0])
    assert nonfinite == int((~np.isfinite(one)).sum() + (~np.isfinite(other)).sum())


def test_zero_and_its_neighbourhood_share_the_middle_bucket() -> None:
    assert (bucket_of(np.array([0.0, -0.0, 1e-20, -1e-20], dtype=np.float32)) == ZERO_BUCKET).all()


def test_quantiles_are_within_12_percent_over_20_decades() -> None:
    generator = np.random.default_rng(0)
    values = (10 ** generator.uniform(-11, 7, 20_000)).astype(np.float32)
    counts, _ = count(values)
    for fraction in (0.01, 0.25, 0.5, 0.75, 0.99):
        exact = float(np.quantile(values, fraction, method="inverted_cdf"))
        assert abs(quantile(counts, fraction) / exact - 1) < 0.12


def test_a_sparse_histogram_gives_its_dense_counts_back() -> None:
    values = np.array([1.0, 1.0, -3.0, np.nan], dtype=np.float32)
    histogram = Histogram.of("weight/a", 3, 0.0, values)
    assert histogram.nonfinite == 1
    np.testing.assert_array_equal(histogram.dense(), count(values)[0])
