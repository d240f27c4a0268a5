"""A convolutional network learns the digits: what healthy training looks like."""

import torch

from trainvitals_command.demo import digits
from trainvitals_command.demo.networks.convolutional import convolutional_network
from trainvitals_command.demo.training import OnStep, Run, Training, ignore

STEPS = 600
CONFIG = {"network": "cnn", "optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "batch_size": 64, "seed": 0}


def train(run: Run, *, steps: int = STEPS, on_step: OnStep = ignore) -> None:
    """Reach 98 % of unseen digits in about 300 steps."""
    train_at(0.02, run, steps=steps, on_step=on_step)


def train_at(learning_rate: float, run: Run, *, steps: int, on_step: OnStep) -> None:
    """Train the same network, from the same start on the same batches, at any learning rate."""
    torch.manual_seed(0)
    model = convolutional_network(digits.CLASSES)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    digits.fit(run, model, optimizer, batch_size=64, steps=steps, on_step=on_step)


TRAINING = Training(
    name="cnn",
    notes="A convolutional network on scikit-learn's digits. Healthy.",
    train=train,
    steps=STEPS,
    config=CONFIG,
    tags=("demo", "healthy"),
)
