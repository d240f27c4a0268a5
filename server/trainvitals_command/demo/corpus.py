"""English prose that ships with Python (its language reference), and the loop that trains a next-character model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pydoc_data.topics import topics

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from trainvitals_command.demo.training import OnStep, Run

CONTEXT = 64
"""Characters that the model sees at once."""

VALIDATION_SHARE = 0.1
VALIDATION_WINDOWS = 64
STEPS_BETWEEN_VALIDATIONS = 20
GRADIENT_NORM_MAX = 1.0


@dataclass(frozen=True)
class Corpus:
    """The text as character numbers [n], split into a part to train on and a part to validate with."""

    train: Tensor
    validation: Tensor
    characters: str


def load() -> Corpus:
    """Python's help topics, with everything but plain ASCII left out."""
    text = "\n".join(topics[name] for name in sorted(topics))
    text = "".join(character for character in text if character == "\n" or " " <= character <= "~")
    characters = "".join(sorted(set(text)))
    number = {character: position for position, character in enumerate(characters)}
    numbers = torch.tensor([number[character] for character in text])
    cut = int(len(numbers) * (1 - VALIDATION_SHARE))
    return Corpus(numbers[:cut], numbers[cut:], characters)


def windows(numbers: Tensor, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random stretches [batch_size, CONTEXT], and the same stretches one character on."""
    starts = torch.randint(len(numbers) - CONTEXT - 1, (batch_size, 1), generator=generator)
    places = starts + torch.arange(CONTEXT)
    return numbers[places], numbers[places + 1]


def batches(numbers: Tensor, batch_size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Random batches without end."""
    while True:
        yield windows(numbers, batch_size, generator)


class NextCharacterLoss(nn.CrossEntropyLoss):
    """Cross-entropy of scores [batch, context, characters] against the next characters [batch, context]."""

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        return super().forward(scores.flatten(0, 1), targets.flatten())


def fit(
    run: Run, model: nn.Module, optimizer: Optimizer, corpus: Corpus, *, batch_size: int, steps: int, on_step: OnStep
) -> None:
    """Train a model to tell the next character, and validate it now and then."""
    generator = torch.Generator().manual_seed(0)
    held_out = windows(corpus.validation, VALIDATION_WINDOWS, generator)
    criterion = NextCharacterLoss()
    run.watch(model, optimizer, criterion)
    for step, (seen, following) in zip(range(steps), batches(corpus.train, batch_size, generator), strict=False):
        loss = criterion(model(seen), following)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_MAX)
        optimizer.step()
        run.log({"loss": loss})
        if (step + 1) % STEPS_BETWEEN_VALIDATIONS == 0:
            validate(run, model, held_out)
        on_step(step, loss.item())


@torch.no_grad()
def validate(run: Run, model: nn.Module, held_out: tuple[Tensor, Tensor]) -> None:
    """Log the loss on text that was not trained on."""
    model.eval()
    seen, following = held_out
    run.log({"val_loss": nn.functional.cross_entropy(model(seen).flatten(0, 1), following.flatten())})
    model.train()
