"""Merging shares, against the statistics of all elements laid side by side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvitals_server.ranks.merge import merged, merged_histogram
from trainvitals_wire.histogram import Histogram

VALUES = st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=20)


def layer_share(values) -> dict[str, float]:
    """What a rank tells of a layer's output."""
    return {
        "activation_count/a": float(len(values)),
        "activation_mean/a": float(values.mean()),
        "activation_std/a": float(values.std()),
        "activation_zero_fraction/a": float((values == 0).mean()),
        "activation_absmax/a": float(np.abs(values).max()),
        "nonfinite_count/a": 1.0,
    }


def shard(gradient, before, after) -> dict[str, float]:
    """What a rank tells of its part of a parameter."""
    update, weight = np.linalg.norm(after - before), np.linalg.norm(before)
    found = {
        "weight_count/w": float(len(after)),
        "weight_mean/w": float(after.mean()),
        "weight_std/w": float(after.std()),
        "weight_norm/w": float(np.linalg.norm(after)),
        "gradient_norm/w": float(np.linalg.norm(gradient)),
        "update_norm/w": float(update),
    }
    if weight or not update:
        found["update_ratio/w"] = float(update / weight) if update else 0.0
    return found


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_activations_of_ranks_of_unequal_size_are_those_of_all_elements(parts: list[list[float]]) -> None:
    arrays = [np.array(part, np.float64) for part in parts]
    whole = np.concatenate(arrays)
    found = merged({rank: layer_share(part) for rank, part in enumerate(arrays)}, {}, complete=True)
    assert found == {
        "activation_mean/a": pytest.approx(whole.mean(), rel=1e-9, abs=1e-6),
        "activation_std/a": pytest.approx(whole.std(), rel=1e-9, abs=1e-6),
        "activation_zero_fraction/a": pytest.approx((whole == 0).mean()),
        "activation_absmax/a": pytest.approx(np.abs(whole).max()),
        "nonfinite_count/a": len(parts),
    }


@given(VALUES, st.integers(0, 2**32 - 1))
def test_shards_have_the_norms_and_ratio_of_the_whole_parameter(values: list[float], seed: int) -> None:
    generator = np.random.default_rng(seed)
    before = np.concatenate([np.array(values, np.float64), [1.0]])
    gradient, after = generator.normal(size=len(before)), before + generator.normal(size=len(before))
    cut = len(before) // 2
    parts = [part for part in (slice(None, cut), slice(cut, None)) if len(before[part])]
    shares = {rank: shard(gradient[part], before[part], after[part]) for rank, part in enumerate(parts)}
    shares[0]["gradient_norm_total"] = 3.0
    found = merged(shares, {"w": len(before)}, complete=True)
    assert found["weight_mean/w"] == pytest.approx(after.mean(), abs=1e-9)
    assert found["weight_std/w"] == pytest.approx(after.std(), abs=1e-9)
    assert found["weight_norm/w"] == pytest.approx(np.linalg.norm(after))
    assert found["gradient_norm_total"] == pytest.approx(np.hypot(3.0, np.linalg.norm(gradient)))
    assert found["update_ratio/w"] == pytest.approx(np.linalg.norm(after - before) / np.linalg.norm(before))


def test_a_shard_that_did_not_move_still_counts_in_the_ratio() -> None:
    moved, still = np.array([3.0, 0.0]), np.array([0.0, 4.0])
    shares = {0: shard(moved, moved, moved + np.array([1.0, 0.0])), 1: shard(still, still, still)}
    assert merged(shares, {"w": 4}, complete=True)["update_ratio/w"] == pytest.approx(1 / 5)


def test_norms_of_missing_shards_are_scaled_up_only_where_nothing_more_will_come() -> None:
    half = {0: shard(np.ones(8), np.ones(8), np.ones(8))}
    assert merged(half, {"w": 16}, complete=True)["gradient_norm/w"] == pytest.approx(4.0)
    assert "gradient_norm/w" not in merged(half, {"w": 16}, complete=False)


def test_copies_of_shards_count_once() -> None:
    part = shard(np.ones(8), np.ones(8), np.ones(8))
    assert merged(dict.fromkeys(range(4), part), {"w": 16}, complete=True)["gradient_norm/w"] == pytest.approx(4.0)


def test_a_value_that_is_no_number_on_one_rank_is_none_of_the_whole() -> None:
    shares = {0: layer_share(np.array([1.0, 2.0])), 1: layer_share(np.array([np.nan, 2.0]))}
    assert np.isnan(merged(shares, {}, complete=True)["activation_mean/a"])


def test_evaluations_are_weighted_by_their_own_counts() -> None:
    shares = {
        rank: {"eval/activation_count/a": count, "eval/activation_mean/a": mean, "activation_count/a": 1.0}
        for rank, count, mean in ((0, 3.0, 1.0), (1, 1.0, 5.0))
    }
    assert merged(shares, {}, complete=True) == {"eval/activation_mean/a": 2.0}


def test_units_are_dead_only_where_all_ranks_agree() -> None:
    shares = {rank: {"dead_unit_fraction/a": share} for rank, share in enumerate((0.5, 0.25))}
    assert merged(shares, {}, complete=True) == {"dead_unit_fraction/a": 0.25}


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_histograms_add_up(parts: list[list[float]]) -> None:
    arrays = [np.array(part, np.float32) for part in parts]
    found = merged_histogram("activation/a", [Histogram.of("rank0/activation/a", 3, 1.0, part) for part in arrays])
    assert (found.key, found.step) == ("activation/a", 3)
    expected = Histogram.of("", 3, 1.0, np.concatenate(arrays))
    assert np.array_equal(found.dense(), expected.dense())
