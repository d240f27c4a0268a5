"""Sick trainings: each rule finds its planted fault in a real training, with the right cause first."""

import ast
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch
from tests.sickbay.fault import load_faults
from tests.sickbay.pictures import PICTURES
from torch import nn

from trainvitals_server.diagnosis.rule import DeclaredRule, declared_rules

from .networks import CrossEntropyByHand, Detached, Recurrent, cnn, mlp, scalar
from .story import tells_one_story
from .training import Batch, Training, batches, digits, fit, numbers, validation_loss

pytestmark = pytest.mark.training


def cnn_with_a_rate_far_too_high() -> Training:
    model = cnn(norm=False)
    return fit(model, torch.optim.SGD(model.parameters(), 3.0, momentum=0.9), batches(reshape=(1, 8, 8)))


def mlp_with_adam_at_a_rate_far_too_high() -> Training:
    model = mlp(depth=5)
    return fit(model, torch.optim.Adam(model.parameters(), 1.0), batches())


def mlp_with_a_rate_far_too_low() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 1e-7), batches())


def deep_sigmoid_stack() -> Training:
    model = mlp(depth=12, activation=nn.Sigmoid)
    return fit(model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9), batches())


def deep_sigmoid_stack_with_adam() -> Training:
    model = mlp(depth=12, activation=nn.Sigmoid)
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches())


def dead_rectifiers_from_a_negative_bias() -> Training:
    model = mlp(depth=4)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.bias, -8.0)
    return fit(model, torch.optim.SGD(model.parameters(), 0.05, momentum=0.9), batches())


def saturated_tanh_from_large_weights() -> Training:
    model = mlp(depth=6, activation=nn.Tanh)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=2.0)
    return fit(model, torch.optim.SGD(model.parameters(), 0.01), batches())


def saturated_tanh_from_a_large_bias() -> Training:
    model = mlp(depth=4, activation=nn.Tanh)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.bias, 8.0)
    return fit(model, torch.optim.SGD(model.parameters(), 0.01), batches())


def deep_chaotic_tanh() -> Training:
    """Above a gain of about 1 each tanh layer multiplies the gradient on its way back (Poole et al. 2016)."""
    model = mlp(depth=24, activation=nn.Tanh)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=5 / layer.in_features**0.5)
    return fit(model, torch.optim.SGD(model.parameters(), 1e-5), batches())


def exploding_initialisation() -> Training:
    model = mlp(depth=8)
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=1.0)
    return fit(model, torch.optim.SGD(model.parameters(), 1e-4), batches())


def log_of_zero() -> Training:
    model = mlp()
    return fit(model, torch.optim.Adam(model.parameters(), 3e-3), batches(), criterion=CrossEntropyByHand())


def nan_in_the_input() -> Training:
    model = mlp()

    def broken() -> object:
        for step, (inputs, targets) in enumerate(batches()):
            if step == 40:
                inputs[3] = float("nan")
            yield inputs, targets

    return fit(model, torch.optim.SGD(model.parameters(), 0.05), broken())  # type: ignore[arg-type]


def layer_not_in_the_optimizer() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model[2:].parameters(), 0.1, momentum=0.9), batches())


def detached_body() -> Training:
    model = Detached(detach=True)
    return fit(model, torch.optim.SGD(model.parameters(), 0.1), batches())


def rate_of_zero() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 0.0), batches())


def lstm_with_a_rate_far_too_high() -> Training:
    model = Recurrent()
    return fit(model, torch.optim.SGD(model.parameters(), 100.0), batches(reshape=(8, 8)))


def rate_raised_in_the_middle() -> Training:
    model = mlp(depth=5)
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)

    def raise_rate(step: int) -> None:
        if step == 150:
            optimizer.param_groups[0]["lr"] = 5.0

    return fit(model, optimizer, batches(), scheduler=raise_rate)


def labels_of_chance() -> Training:
    model = mlp()
    generator = torch.Generator().manual_seed(1)
    data = ((inputs, torch.randint(10, (len(inputs),), generator=generator)) for inputs, _ in batches())
    return fit(model, torch.optim.SGD(model.parameters(), 0.01), data)


def lstm_with_adam_at_a_rate_too_high() -> Training:
    """It leaps at first, and then swings about a level that it never leaves."""
    model = Recurrent()
    return fit(model, torch.optim.Adam(model.parameters(), 0.3), batches(reshape=(8, 8)))


def softmax_before_cross_entropy() -> Training:
    model = mlp().append(nn.Softmax(1))
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches())


def softmax_over_one_unit() -> Training:
    model = scalar().append(nn.Softmax(1))
    data = ((inputs, (labels[:, None] > 4).float()) for inputs, labels in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), data, criterion=nn.BCELoss())


def rectified_output_for_standardised_targets() -> Training:
    model = scalar().append(nn.ReLU())
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), numbers(), criterion=nn.MSELoss())


def column_against_row() -> Training:
    model = scalar()
    data = ((inputs, targets[:, 0]) for inputs, targets in numbers())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(model, torch.optim.Adam(model.parameters(), 1e-3), data, criterion=nn.MSELoss())


def sorted_labels() -> Training:
    def by_class() -> Iterator[Batch]:
        images, labels = digits()
        while True:
            for label in range(10):
                for chosen in torch.nonzero(labels == label)[:, 0].split(64):
                    yield images[chosen], labels[chosen]

    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9), by_class())


def linear_layers_in_a_row() -> Training:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10))
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches())


def dropout_before_batch_norm() -> Training:
    torch.manual_seed(0)
    parts = nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(128), nn.Linear(128, 10)
    model = nn.Sequential(*parts)
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches(), validate=validation_loss)


def learning_by_heart() -> Training:
    """Two hundred samples, half of their labels wrong."""
    images, labels = digits()
    generator = torch.Generator().manual_seed(0)
    wrong = torch.randint(10, (200,), generator=generator)
    noisy = torch.where(torch.rand(200, generator=generator) < 0.5, wrong, labels[:200])

    def few() -> Iterator[Batch]:
        while True:
            for chosen in torch.randperm(200, generator=generator).split(50):
                yield images[chosen], noisy[chosen]

    model = mlp(width=256)
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), few(), 500, validate=validation_loss)


def rare_class() -> Training:
    data = ((inputs, torch.arange(len(inputs)).eq(0).float()[:, None]) for inputs, _ in batches())
    model = scalar()
    return fit(model, torch.optim.SGD(model.parameters(), 0.05), data, criterion=nn.BCEWithLogitsLoss())


def unscaled_targets() -> Training:
    model = scalar()
    data = ((inputs, targets * 300 + 1450) for inputs, targets in numbers())
    return fit(model, torch.optim.SGD(model.parameters(), 1e-3), data, criterion=nn.MSELoss())


@dataclass(frozen=True)
class Fault:
    """A planted fault: which causes may come first, and which rules must have found it.

    Without `first` it does no harm yet: the rules must note it, and leave it at that.
    """

    train: Callable[[], Training]
    first: set[str]
    rules: set[str]
    seen_by: int = 300


FAULTS = [
    Fault(cnn_with_a_rate_far_too_high, {"learning_rate_too_high"}, {"learning_rate"}),
    Fault(
        mlp_with_adam_at_a_rate_far_too_high,
        {"learning_rate_too_high"},
        {"learning_rate", "activation_std"},
    ),
    Fault(mlp_with_a_rate_far_too_low, {"learning_rate_too_low"}, {"learning_rate", "update_ratio", "no_progress"}),
    Fault(deep_sigmoid_stack, {"vanishing_gradient"}, {"vanishing_gradient", "no_progress"}),
    Fault(deep_sigmoid_stack_with_adam, {"vanishing_gradient"}, {"vanishing_gradient"}),
    Fault(dead_rectifiers_from_a_negative_bias, {"dead_units"}, {"dead_units", "no_progress"}),
    Fault(saturated_tanh_from_large_weights, {"bad_initialisation"}, {"initialisation"}),
    Fault(saturated_tanh_from_a_large_bias, {"saturated_units"}, {"saturated_units", "no_progress"}),
    Fault(deep_chaotic_tanh, {"exploding_gradient", "saturated_units"}, {"exploding_gradient"}),
    Fault(exploding_initialisation, {"bad_initialisation"}, {"initialisation", "non_finite"}),
    Fault(log_of_zero, {"unstable_loss"}, {"non_finite"}),
    Fault(nan_in_the_input, {"non_finite_input"}, {"non_finite"}, 90),
    Fault(layer_not_in_the_optimizer, {"not_in_optimizer"}, {"frozen_parameters"}, 50),
    Fault(detached_body, {"no_gradient"}, {"frozen_parameters"}, 100),
    Fault(rate_of_zero, {"frozen_parameters"}, {"frozen_parameters", "no_progress"}, 150),
    Fault(lstm_with_a_rate_far_too_high, {"learning_rate_too_high"}, {"learning_rate"}),
    Fault(rate_raised_in_the_middle, {"learning_rate_too_high"}, {"non_finite"}),
    Fault(labels_of_chance, {"labels_unrelated_to_inputs"}, {"no_progress"}),
    Fault(lstm_with_adam_at_a_rate_too_high, {"learning_rate_too_high"}, {"oscillating"}),
    Fault(softmax_before_cross_entropy, {"loss_output_mismatch"}, {"loss_output_mismatch"}, 20),
    Fault(softmax_over_one_unit, {"loss_output_mismatch"}, {"loss_output_mismatch"}, 20),
    Fault(rectified_output_for_standardised_targets, {"loss_output_mismatch"}, {"loss_output_mismatch"}, 20),
    Fault(column_against_row, {"shape_broadcast"}, {"shape_broadcast"}, 20),
    Fault(sorted_labels, {"single_label_batches"}, {"single_label_batches"}, 20),
    Fault(linear_layers_in_a_row, {"missing_nonlinearity"}, {"missing_nonlinearity"}, 20),
    Fault(dropout_before_batch_norm, {"normalisation_order"}, {"normalisation_order"}, 100),
    Fault(learning_by_heart, {"overfitting"}, {"overfitting"}, 500),
    Fault(rare_class, set(), {"class_imbalance"}),
    Fault(unscaled_targets, {"target_not_scaled"}, {"loss_at_init"}),
]


ELSEWHERE = {"rank_divergence"}
"""Needs several processes: planted in the tests of distributed training."""


def in_the_sick_bay(rule: DeclaredRule) -> bool:
    """Whether the fault in the picture of the rule, which a test says it finds, has a cause that the rule names."""
    words = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[rule.find.__module__])))
        if isinstance(node, ast.Constant)
    }
    planted = set(load_faults()[PICTURES[rule.name].fault].causes)
    return rule.rule.severity == "note" or bool(words & planted)


def test_every_rule_has_a_planted_fault() -> None:
    here = set.union(*(fault.rules for fault in FAULTS)) | ELSEWHERE
    assert here <= {rule.name for rule in declared_rules()}
    assert not [rule.name for rule in declared_rules() if rule.name not in here and not in_the_sick_bay(rule)]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.first], ids=lambda fault: fault.train.__name__)
def test_a_planted_fault_is_found_with_its_cause_first(fault: Fault) -> None:
    training = fault.train()
    assert training.causes[:1] and training.causes[0] in fault.first, (training.causes, training.alarms)
    assert fault.rules <= training.rules("warning", "critical"), training.alarms
    assert all(training.seen_at[rule] <= fault.seen_by for rule in fault.rules), training.seen_at
    assert tells_one_story(training.warnings)


@pytest.mark.parametrize("fault", [f for f in FAULTS if not f.first], ids=lambda fault: fault.train.__name__)
def test_a_fault_that_does_no_harm_yet_is_noted(fault: Fault) -> None:
    training = fault.train()
    assert fault.rules <= training.rules("note"), training.warnings["warnings"]
