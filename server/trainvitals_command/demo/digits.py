"""scikit-learn's handwritten digits, and the loop that trains a classifier on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.optim import Optimizer

from trainvitals_command.demo.training import OnStep, Run

CLASSES = 10
SAMPLES_VALIDATION = 360
STEPS_BETWEEN_VALIDATIONS = 20


@dataclass(frozen=True)
class Digits:
    """Images [n, 1, 8, 8] of mean 0 and standard deviation 1, and their labels [n]."""

    images: Tensor
    labels: Tensor


def load(generator: torch.Generator) -> tuple[Digits, Digits]:
    """The digits in random order, as those to train on and those to validate with."""
    source = load_digits()
    order = torch.randperm(len(source.target), generator=generator)
    images = torch.tensor(source.images, dtype=torch.float32).unsqueeze(1)[order]
    labels = torch.tensor(source.target, dtype=torch.int64)[order]
    images = (images - images.mean()) / images.std()
    train, validation = slice(SAMPLES_VALIDATION, None), slice(SAMPLES_VALIDATION)
    return Digits(images[train], labels[train]), Digits(images[validation], labels[validation])


def batches(digits: Digits, batch_size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end: each epoch sees every digit once, in a new order."""
    while True:
        order = torch.randperm(len(digits.labels), generator=generator)
        for chosen in order.split(batch_size):
            if len(chosen) == batch_size:
                yield digits.images[chosen], digits.labels[chosen]


def fit(run: Run, model: nn.Module, optimizer: Optimizer, *, batch_size: int, steps: int, on_step: OnStep) -> None:
    """Train a classifier on the digits, and validate it now and then."""
    generator = torch.Generator().manual_seed(0)
    train, validation = load(generator)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step, (images, labels) in zip(range(steps), batches(train, batch_size, generator), strict=False):
        scores = model(images)
        loss = criterion(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "train/accuracy": (scores.argmax(1) == labels).float().mean()})
        if (step + 1) % STEPS_BETWEEN_VALIDATIONS == 0:
            validate(run, model, validation)
        on_step(step, loss.item())


@torch.no_grad()
def validate(run: Run, model: nn.Module, digits: Digits) -> None:
    """Log loss and accuracy on digits that were not trained on."""
    model.eval()
    scores = model(digits.images)
    loss = nn.functional.cross_entropy(scores, digits.labels)
    run.log({"val_loss": loss, "val/accuracy": (scores.argmax(1) == digits.labels).float().mean()})
    model.train()
