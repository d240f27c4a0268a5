"""Healthy trainings get no warning and no critical; notes are allowed."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

from .networks import Detached, Functional, Recurrent, Transformer, cnn, mlp, scalar
from .training import Training, batches, fit, judged, numbers, validation_loss

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


def raw_scores_for_one_unit() -> Training:
    model = scalar()
    data = ((inputs, (labels[:, None] > 4).float()) for inputs, labels in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), data, criterion=nn.BCEWithLogitsLoss())


def column_against_column() -> Training:
    model = scalar()
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), numbers(), criterion=nn.MSELoss())


def sigmoid_for_targets_within_its_reach() -> Training:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 64), nn.Sigmoid())
    data = ((inputs, ((inputs + 0.81) / 2.7).clamp(0, 1)) for inputs, _ in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 3e-3), data, criterion=nn.MSELoss())


def linear_bottleneck() -> Training:
    """Two linear layers in a row that factorise one on purpose."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8), nn.Linear(8, 64))
    data = ((inputs, inputs) for inputs, _ in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 3e-3), data, criterion=nn.MSELoss())


def functional_activations() -> Training:
    model = Functional()
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches())


def dropout_after_batch_norm_with_validation() -> Training:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), batches(), validate=validation_loss)


def one_sample_a_batch() -> Training:
    model = mlp()
    return fit(model, torch.optim.SGD(model.parameters(), 0.005), batches(batch_size=1), 1000)


def one_of_ten_against_the_rest() -> Training:
    model = scalar()
    data = ((inputs, (labels[:, None] == 4).float()) for inputs, labels in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), data, criterion=nn.BCEWithLogitsLoss())


def labels_partly_wrong() -> Training:
    """The loss stops far above 0, with the noise of its batches and no swings."""
    generator = torch.Generator().manual_seed(1)

    def noisy(labels: Tensor) -> Tensor:
        wrong = torch.randint(10, labels.shape, generator=generator)
        return torch.where(torch.rand(len(labels), generator=generator) < 0.5, wrong, labels)

    model = mlp()
    data = ((inputs, noisy(labels)) for inputs, labels in batches())
    return fit(model, torch.optim.Adam(model.parameters(), 1e-3), data, 600)


def game_of_two_networks() -> Training:
    """A GAN's losses hover at the level of chance, and should."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    maker = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64))
    critic = nn.Sequential(nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    making = torch.optim.Adam(maker.parameters(), 1e-3, betas=(0.5, 0.9))
    judging = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.9))
    criterion, transport = nn.BCEWithLogitsLoss(), MemoryTransport()
    with tv.init(project="tests", transport=transport) as run:
        run.watch(critic, judging, name="critic", log_freq=5)
        run.watch(maker, making, name="maker", log_freq=5)
        for _, (real, _) in zip(range(400), batches(), strict=False):
            made, ones = maker(torch.randn(len(real), 8)), torch.ones(len(real), 1)
            loss = criterion(critic(real), ones) + criterion(critic(made.detach()), torch.zeros_like(ones))
            judging.zero_grad()
            loss.backward()
            judging.step()
            fooled = criterion(critic(made), ones)
            making.zero_grad()
            fooled.backward()
            making.step()
            run.log({"loss": loss.detach()})
    return judged(transport.reports)


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
    raw_scores_for_one_unit,
    column_against_column,
    sigmoid_for_targets_within_its_reach,
    linear_bottleneck,
    functional_activations,
    dropout_after_batch_norm_with_validation,
    one_sample_a_batch,
    one_of_ten_against_the_rest,
    labels_partly_wrong,
    game_of_two_networks,
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
