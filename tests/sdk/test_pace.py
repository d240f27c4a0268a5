"""The pace: how often to sample, from what a sample costs."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from trainvitals.capture.pace import COSTLY_EXTRA, COSTLY_STEPS, DENSE_STEPS, INTERVAL_MAX, Pace
from trainvitals.capture.sample import Depth


@dataclass
class Training:
    """A training of known costs in seconds: of a step, of a sample in each thread, of what stands beside it."""

    step: float = 0.01
    shallow: float = 0.0
    deep: float = 0.0
    worker: float = 0.0
    standing: float = 0.0
    budget: float = 0.02
    stood: float = 0.0
    faster: float = 0.0
    """The share by which the steps of the second thousand are faster."""
    sampled: list[tuple[int, Depth]] = field(default_factory=list)

    def run(self, steps: int) -> "Training":
        pace = Pace(self.budget, None, standing=lambda: self.stood)
        for count in range(steps):
            depth = pace.choose(count)
            cost = 0.0 if depth is None else self.cost(depth)
            if depth is not None:
                self.sampled.append((count, depth))
                pace.worker_took(depth, self.worker)
            self.stood += self.standing
            step = self.step * (1 - self.faster * min(max(count / 1000 - 1, 0.0), 1.0))
            pace.step_took(step + cost, depth, cost)
        return self

    def cost(self, depth: Depth) -> float:
        return self.shallow if depth == "shallow" else self.deep

    def samples(self, start: int, end: int, *depths: Depth) -> int:
        return sum(1 for count, depth in self.sampled if start <= count < end and depth in depths)

    def share(self, start: int, end: int) -> float:
        """Of the time of the steps from `start` to `end`."""
        spent = sum(self.cost(depth) + self.worker for count, depth in self.sampled if start <= count < end)
        return (spent / (end - start) + self.standing) / self.step


CAPTURES = {
    "a tiny network": Training(step=0.0026, shallow=0.0003, deep=0.0005, worker=0.0003, standing=0.00003),
    "a convolutional network": Training(step=0.140, shallow=0.002, deep=0.006, worker=0.0015, standing=0.0004),
    "a language model": Training(step=0.270, shallow=0.002, deep=0.010, worker=0.002, standing=0.0012),
    "a language model with costly samples": Training(
        step=0.270, shallow=0.006, deep=0.020, worker=0.012, standing=0.0012
    ),
    "a costly deep step": Training(step=0.140, shallow=0.001, deep=0.060, worker=0.001),
    "nothing on the training thread": Training(step=0.01, worker=0.0001),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_the_cost_stays_within_the_budget_whatever_a_deep_step_costs(name: str) -> None:
    training = Training(**{**vars(CAPTURES[name]), "sampled": []}).run(3000)
    assert training.share(1000, 3000) <= training.budget
    assert training.samples(1000, 3000, "shallow", "deep") >= 2000 / INTERVAL_MAX["shallow"]
    assert training.samples(1000, 3000, "deep") >= 2000 / INTERVAL_MAX["deep"]


@pytest.mark.parametrize("name", ["a tiny network", "a convolutional network", "a language model"])
def test_the_first_steps_cost_three_points_more_at_most(name: str) -> None:
    training = Training(**{**vars(CAPTURES[name]), "sampled": []}).run(COSTLY_STEPS)
    # Where nothing is cheap, 1.05 is the tiny network's steady state.
    steady = 0.05 if name == "a tiny network" else training.budget
    assert training.share(0, COSTLY_STEPS) <= steady + COSTLY_EXTRA


@pytest.mark.parametrize("name", CAPTURES)
def test_a_short_run_gets_thirty_values_of_what_needs_a_window_of_eight(name: str) -> None:
    training = Training(**{**vars(CAPTURES[name]), "sampled": []}).run(300)
    assert training.samples(0, 300, "shallow", "deep") >= 30 + 8 - 1


@pytest.mark.parametrize("name", ["a convolutional network", "a language model"])
def test_a_short_run_of_a_slow_network_gets_thirty_deep_steps(name: str) -> None:
    training = Training(**{**vars(CAPTURES[name]), "sampled": []}).run(300)
    assert training.samples(0, 300, "deep") >= 30


@pytest.mark.parametrize(
    "name", ["a convolutional network", "a language model", "a language model with costly samples"]
)
def test_a_slow_network_is_sampled_at_least_each_ten_steps(name: str) -> None:
    training = Training(**{**vars(CAPTURES[name]), "sampled": []}).run(2000)
    counts = [count for count, _ in training.sampled]
    assert max(after - before for before, after in pairwise(counts)) <= 10


def test_a_short_run_shows_histograms_of_some_steps_where_deep_ones_cost_little() -> None:
    costly_samples = Training(step=0.018, shallow=0.002, deep=0.006, worker=0.002).run(300)
    assert costly_samples.samples(DENSE_STEPS, 300, "deep") >= 4
    costly_deep_steps = Training(step=0.0026, shallow=0.001, deep=0.005, worker=0.001).run(300)
    assert costly_deep_steps.samples(DENSE_STEPS, 300, "deep") == 0


def test_the_first_steps_are_all_sampled() -> None:
    training = Training(shallow=0.001, deep=0.002).run(DENSE_STEPS)
    assert [count for count, _ in training.sampled] == list(range(DENSE_STEPS))


def test_where_it_is_affordable_each_step_is_sampled() -> None:
    assert len(Training(step=0.3, shallow=0.0005, deep=0.0005).run(200).sampled) == 200


def test_what_stands_leaves_less_to_samples() -> None:
    idle, busy = Training(shallow=0.001, deep=0.001), Training(shallow=0.001, deep=0.001, standing=0.0001)
    seldom, often = (training.run(3000).samples(300, 3000, "shallow", "deep") for training in (busy, idle))
    assert seldom < 0.7 * often


def test_a_cost_that_its_own_timing_does_not_see_is_found_by_comparing_steps() -> None:
    hidden, open_ = Pace(0.02, None), Pace(0.02, None)
    for count in range(400):
        for pace, extra in ((hidden, 0.002), (open_, 0.0005)):
            depth = pace.choose(count)
            pace.step_took(0.02 + (extra if depth else 0.0), depth, 0.0005)
    assert hidden.interval["shallow"] > 2 * open_.interval["shallow"]


def test_a_drift_of_whole_steps_is_no_cost_of_samples() -> None:
    """The last 64 samples are spread over several hundred steps, which were slower than those of now."""
    capture = {**vars(CAPTURES["a language model with costly samples"]), "sampled": []}
    steady = Training(**capture).run(2000)
    drifting = Training(**{**capture, "sampled": [], "faster": 0.25}).run(2000)
    assert drifting.samples(1000, 2000, "shallow", "deep") >= steady.samples(1000, 2000, "shallow", "deep")


def test_no_budget_at_all_samples_as_seldom_as_it_may() -> None:
    pace = Pace(0.0, None)
    for count in range(100):
        depth = pace.choose(count)
        pace.step_took(0.003, depth, 0.0001)
    assert pace.interval == INTERVAL_MAX


def test_log_freq_overrides_the_budget() -> None:
    pace = Pace(0.0, 7)
    assert [count for count in range(50) if pace.choose(count) is not None] == list(range(0, 50, 7))


def test_an_alarm_samples_at_once_and_not_for_ever() -> None:
    pace = Pace(0.0, None)
    for count in range(100):
        pace.step_took(0.011, pace.choose(count), 0.01)
    sampled = []
    for count in range(100, 400):
        pace.alarm("the loss is not finite")
        if pace.choose(count) is not None:
            sampled.append(count)
    assert sampled[:10] == list(range(100, 110))
    assert len(sampled) < 60


def test_the_share_told_is_that_of_the_recent_samples() -> None:
    pace = Pace(0.02, None)
    told = [pace.spent(0.5 if sample < 100 else 0.01, 1.0) for sample in range(300)]
    assert told[99] == pytest.approx(0.5) and told[-1] == pytest.approx(0.01)


def test_an_alarm_is_heard_while_the_pace_rests() -> None:
    pace = Pace(0.0, None)
    for count in range(1000):
        pace.step_took(0.001, pace.choose(count), 0.0001)
    assert [pace.choose(count) for count in range(1000, 1003)] == [None] * 3
    pace.alarm("the loss is not finite")
    assert [pace.choose(count) for count in range(1003, 1005)] == ["deep", "shallow"]


def test_aligned_processes_of_other_costs_sample_the_same_steps() -> None:
    slow, quick = Pace(0.02, None, aligned=True), Pace(0.02, None, aligned=True)
    sampled: dict[str, set[int]] = {"slow": set(), "quick": set()}
    for count in range(2000):
        for name, pace, cost in (("slow", slow, 0.0008), ("quick", quick, 0.0001)):
            depth = pace.choose(count)
            if depth is not None:
                sampled[name].add(count)
            pace.step_took(0.01 + (cost if depth else 0.0), depth, cost)
    assert len(sampled["slow"]) < len(sampled["quick"])
    assert {count for count in sampled["slow"] if count >= 300} <= sampled["quick"]


def test_an_alarm_is_heard_whatever_the_pace_is() -> None:
    dense, fixed = Pace(0.02, None), Pace(0.02, 7)
    for count in range(6):
        dense.choose(count)
        fixed.choose(count)
    for pace in (dense, fixed):
        pace.alarm("the loss is not finite")
    assert [dense.choose(count) for count in (6, 7)] == ["deep", "shallow"]
    assert [fixed.choose(count) for count in (6, 7, 8)] == ["deep", "shallow", None]


def test_what_is_not_finite_is_heard_behind_a_spike_and_not_the_other_way() -> None:
    pace = Pace(0.0, 1000)
    pace.choose(0)
    assert pace.alarm("the loss rose")
    assert not pace.alarm("the loss rose")
    assert pace.alarm("the loss is not finite", at=30, grave=True)
    assert not pace.alarm("the loss rose") and not pace.alarm("a weight is not finite", grave=True)
    assert pace.choose(30) == "deep"


def test_a_short_run_whose_worker_was_busy_makes_up_for_what_it_missed() -> None:
    pace, sampled = Pace(0.02, None), 0
    for count in range(300):
        depth = pace.choose(count)
        if depth is not None and 4 <= count < DENSE_STEPS:
            pace.missed()
            depth = None
        sampled += depth is not None
        pace.step_took(0.003 + (0.001 if depth else 0.0), depth, 0.001)
    assert sampled >= 30 + 8 - 1


def test_a_sample_that_was_missed_is_tried_again_at_the_next_step() -> None:
    pace = Pace(0.02, None)
    for count in range(400):
        pace.step_took(0.003, pace.choose(count), 0.001)
    due = next(count for count in range(400, 600) if pace.choose(count) is not None)
    pace.missed()
    assert pace.postpones and pace.choose(due + 1) is not None
    fixed = Pace(0.02, 5)
    fixed.choose(0)
    fixed.missed()
    assert not fixed.postpones and fixed.choose(1) is None
