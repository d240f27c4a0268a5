"""How the benchmarks take turns, and what they conclude from times."""

from types import SimpleNamespace

import numpy as np
import pytest
from detail import Detail
from pairs import interleaved, median_ratio, whole_ratio
from synchronisation import added, waits
from torch import nn, ones, optim


def test_in_each_round_every_contender_runs_once_and_the_order_changes() -> None:
    ran: list[str] = []
    contenders = [
        lambda name=name, seconds=seconds: ran.append(name) or seconds for name, seconds in (("a", 1), ("b", 2))
    ]
    seconds = interleaved(contenders, 40)
    rounds = [tuple(ran[at : at + 2]) for at in range(0, 80, 2)]
    assert set(rounds) == {("a", "b"), ("b", "a")}
    assert seconds.tolist() == [[1.0, 2.0]] * 40


def test_the_interval_holds_the_true_ratio_and_tells_a_difference_from_none() -> None:
    draw = np.random.default_rng(1)
    bare = draw.normal(1.0, 0.02, 30)
    slower = median_ratio(bare, draw.normal(1.05, 0.02, 30))
    same = median_ratio(bare, draw.normal(1.0, 0.02, 30))
    assert slower.low <= 1.05 <= slower.high and slower.low > 1.0
    assert same.low <= 1.0 <= same.high


def test_a_cost_that_few_pairs_bear_is_seen_whole() -> None:
    watched = np.ones(20)
    watched[:2] = 2.0
    assert median_ratio(np.ones(20), watched).middle == 1.0
    assert whole_ratio(np.ones(20), watched).middle == pytest.approx(1.1)


def test_only_calls_that_wait_for_the_device_are_counted() -> None:
    names = ["cudaMemcpyAsync", "cudaStreamSynchronize", "cudaLaunchKernel", "cudaStreamSynchronize"]
    bare = waits([SimpleNamespace(name=name, thread=1) for name in names[:2]])
    watched = waits([SimpleNamespace(name=name, thread=1) for name in names])
    assert added(bare, watched) == {"cudaStreamSynchronize": 1} and added(watched, bare) == {}


def test_what_peers_log_is_every_layer_and_parameter_at_the_given_intervals() -> None:
    model, detail = nn.Sequential(nn.Linear(4, 4), nn.ReLU()), Detail(interval=2, deep_interval=4)
    detail.follow(model, optim.SGD(model.parameters(), lr=0.1))
    logged = []
    for _ in range(5):
        detail.step_begins()
        model(ones(2, 4)).sum().backward()
        detail.backward_done()
        logged.append((len(detail.step_done()), len(detail.tensors)))
    # Two of every step; of two layers mean, std, not finite, zeros, dead units of one; of two parameters nine numbers.
    each, numbers, histograms = 2, 2 + 2 * 4 + 1 + 2 * 9, 2 + 2 * 3
    assert logged == [(numbers, histograms), (each, 0), (numbers, 0), (each, 0), (numbers, histograms)]
    assert detail.captured == 3 * numbers + 2 * each + 2 * histograms
