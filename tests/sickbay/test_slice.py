"""A slice of the sick bay: some faults, their twins and some healthy runs, trained and judged anew."""

import pytest

from .case import Case, twin_of
from .fault import load_faults
from .judgement import judge
from .recording import record

pytestmark = pytest.mark.training

SAMPLED_EACH_STEPS = 5
"""A fixed interval, so that nothing hangs on how busy this machine is."""

FAULTY = [
    Case("sick", "learning_rate_too_high", "cnn digits", 0),
    Case("sick", "column_against_row", "mlp diabetes", 0),
    Case("sick", "layer_not_in_optimizer", "mlp digits", 0),
    Case("sick", "sigmoid_stack", "mlp digits", 0),
    Case("sick", "body_detached", "rnn digits", 0),
    Case("sick", "softmax_before_cross_entropy", "transformer digits", 0),
    Case("sick", "learning_rate_too_low", "mlp wine", 0),
    Case("sick", "division_in_loss", "mlp diabetes", 0),
    Case("sick", "rate_of_zero", "cnn even", 0),
    Case("sick", "huge_weights", "mlp digits", 0),
    Case("sick", "few_samples", "mlp digits", 0),
]
TRAPS = [
    ("accumulation", "mlp digits"),
    ("frozen_trunk", "cnn digits"),
    ("game_of_two_networks", "mlp digits"),
    ("masked_scores", "mlp digits"),
    ("noise_floor", "rnn waves"),
    ("skipped_steps", "mlp digits"),
]
WELL = [
    *dict.fromkeys(twin_of(case) for case in FAULTY),
    *(Case("healthy", name, trained, 0) for name, trained in TRAPS),
]


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: f"{case.name}, {case.trained}")
def test_a_fault_of_the_slice_is_named_first(case: Case) -> None:
    _, reports = record(case, SAMPLED_EACH_STEPS)
    found = judge(reports)
    assert found.causes[:1] == load_faults()[case.name].causes[:1], found
    assert found.failures == {}


@pytest.mark.parametrize("case", WELL, ids=lambda case: f"{case.name}, {case.trained}")
def test_a_well_training_of_the_slice_is_left_in_peace(case: Case) -> None:
    course, reports = record(case, SAMPLED_EACH_STEPS)
    found = judge(reports)
    assert not found.alarmed, found
    assert course.score > 0.3, "it learned nothing, so that the silence says nothing"
    assert found.failures == {}
