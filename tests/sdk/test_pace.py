"""The pace: how often to sample, from what a sample costs."""

import pytest

from trainvitals.capture.pace import DENSE_STEPS, INTERVAL_MAX, Pace


def trained(pace: Pace, steps: int, step: float, cost: float, worker: float = 0.0) -> list[int]:
    """Which steps were sampled, where a step takes `step` seconds and a sample `cost` more."""
    sampled = []
    for count in range(steps):
        depth = pace.choose(count)
        if depth is not None:
            sampled.append(count)
            pace.worker_took(depth, worker)
        pace.step_took(step + (cost if depth else 0.0), depth, cost if depth else 0.0)
    return sampled


def test_the_first_steps_are_all_sampled() -> None:
    assert trained(Pace(0.02, None), DENSE_STEPS, 0.01, 0.001) == list(range(DENSE_STEPS))


@pytest.mark.parametrize(("cost", "worker"), [(0.001, 0.0), (0.0002, 0.0008), (0.0, 0.0001), (0.01, 0.005)])
def test_the_cost_stays_within_the_budget(cost: float, worker: float) -> None:
    steps = 5000
    sampled = [count for count in trained(Pace(0.02, None), steps, 0.01, cost, worker) if count >= DENSE_STEPS]
    share = len(sampled) * (cost + worker) / (steps * 0.01)
    assert share <= 0.02
    assert len(sampled) >= steps / INTERVAL_MAX["shallow"] / 2


def test_where_it_is_affordable_each_step_is_sampled() -> None:
    assert len(trained(Pace(0.02, None), 200, 0.3, 0.0005)) == 200


def test_a_cost_that_its_own_timing_does_not_see_is_found_by_comparing_steps() -> None:
    hidden, open_ = Pace(0.02, None), Pace(0.02, None)
    for count in range(400):
        for pace, extra in ((hidden, 0.002), (open_, 0.0005)):
            depth = pace.choose(count)
            pace.step_took(0.02 + (extra if depth else 0.0), depth, 0.0005)
    assert hidden.interval["shallow"] > 2 * open_.interval["shallow"]


def test_no_budget_at_all_samples_as_seldom_as_it_may() -> None:
    pace = Pace(0.0, None)
    for count in range(100):
        depth = pace.choose(count)
        pace.step_took(0.003, depth, 0.0001)
    assert pace.interval == INTERVAL_MAX


def test_log_freq_overrides_the_budget() -> None:
    assert trained(Pace(0.0, 7), 50, 0.001, 1.0) == list(range(0, 50, 7))


def test_an_alarm_samples_at_once_and_not_for_ever() -> None:
    pace = Pace(0.02, None)
    trained(pace, 100, 0.001, 0.01)
    sampled = []
    for count in range(100, 400):
        pace.alarm("the loss is not finite")
        if pace.choose(count) is not None:
            sampled.append(count)
    assert sampled[:10] == list(range(100, 110))
    assert len(sampled) < 60
