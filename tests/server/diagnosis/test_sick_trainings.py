"""Sick trainings: each rule finds its planted fault in a real training, with the right cause first."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from trainvitals_server.diagnosis.rule import load_rules

from .networks import CrossEntropyByHand, Detached, Recurrent, cnn, mlp
from .training import Training, batches, fit

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


@dataclass(frozen=True)
class Fault:
    """A planted fault: which causes may come first, and which rules must have found it."""

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
    Fault(labels_of_chance, {"no_progress"}, {"no_progress"}),
]


def test_every_rule_has_a_planted_fault() -> None:
    assert set.union(*(fault.rules for fault in FAULTS)) == {rule.name for rule in load_rules()}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.train.__name__)
def test_a_planted_fault_is_found_with_its_cause_first(fault: Fault) -> None:
    training = fault.train()
    assert training.causes[:1] and training.causes[0] in fault.first, (training.causes, training.alarms)
    assert fault.rules <= training.rules("warning", "critical"), training.alarms
    assert all(training.seen_at[rule] <= fault.seen_by for rule in fault.rules), training.seen_at
    assert len(training.warnings["incidents"]) == 1, training.warnings["incidents"]
