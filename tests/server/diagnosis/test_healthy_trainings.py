"""Healthy trainings get no warning and no critical; notes are allowed."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from .networks import Detached, Recurrent, Transformer, cnn, mlp
from .training import Training, batches, fit

pytestmark = pytest.mark.training


def mlp_with_sgd() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9), batches())


def mlp_with_adam() -> Training:
    model = mlp()
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches())


def cnn_with_batch_norm() -> Training:
    model = cnn()
    return fit(model, torch.optim.SGD(model.parameters(), 0.05, momentum=0.9), batches(reshape=(1, 8, 8)))


def small_transformer() -> Training:
    model = Transformer()
    return fit(model, torch.optim.AdamW(model.parameters(), 2e-3), batches(reshape=(8, 8)))


def transformer_with_warm_up() -> Training:
    model = Transformer()
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 150))
    return fit(model, optimizer, batches(reshape=(8, 8)), 400, scheduler=lambda step: schedule.step())


def lstm() -> Training:
    model = Recurrent()
    return fit(model, torch.optim.Adam(model.parameters(), 3e-3), batches(reshape=(8, 8)))


def fine_tuning_with_a_frozen_body() -> Training:
    model = mlp()
    fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches(), 200)
    model[0].requires_grad_(False)
    model[-1].reset_parameters()  # type: ignore[operator]
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return fit(model, torch.optim.SGD(trainable, 0.05, momentum=0.9), batches())


def going_on_with_a_trained_network() -> Training:
    model = mlp()
    fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches(), 400)
    return fit(model, torch.optim.Adam(model.parameters(), 1e-5), batches())


def cosine_schedule_to_convergence() -> Training:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1000)
    return fit(model, optimizer, batches(), 1000, scheduler=lambda step: schedule.step())


def shallow_tanh_network() -> Training:
    model = mlp(activation=nn.Tanh)
    return fit(model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9), batches())


def tiny_batches() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 0.01), batches(batch_size=2), 800)


def regression() -> Training:
    model = mlp()
    data = ((inputs, inputs[:, :10] * 3 + 5) for inputs, _ in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 3e-3), data, criterion=nn.MSELoss())


def attached_twin() -> Training:
    model = Detached(detach=False)
    return fit(model, torch.optim.SGD(model.parameters(), 0.1), batches())


HEALTHY = [
    mlp_with_sgd,
    mlp_with_adam,
    cnn_with_batch_norm,
    small_transformer,
    transformer_with_warm_up,
    lstm,
    fine_tuning_with_a_frozen_body,
    going_on_with_a_trained_network,
    cosine_schedule_to_convergence,
    shallow_tanh_network,
    tiny_batches,
    regression,
    attached_twin,
]


@pytest.mark.parametrize("train", HEALTHY, ids=lambda train: train.__name__)
def test_a_healthy_training_is_left_in_peace(train: Callable[[], Training]) -> None:
    training = train()
    assert training.judge.signals.owners("activation_std"), "the SDK saw nothing, so that the silence says nothing"
    assert training.alarms == []
    assert training.warnings["incidents"] == []
    assert not training.seen_at


def test_a_frozen_body_is_a_note() -> None:
    training = fine_tuning_with_a_frozen_body()
    assert "frozen_parameters" in training.rules("note")
