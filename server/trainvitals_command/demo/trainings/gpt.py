"""A small GPT learns English, character by character: what healthy training looks like."""

import torch

from trainvitals_command.demo import corpus
from trainvitals_command.demo.networks.gpt import Gpt
from trainvitals_command.demo.training import OnStep, Run, Training, ignore

STEPS = 300
CONFIG = {
    "network": "gpt",
    "optimizer": "AdamW",
    "lr": 1e-3,
    "batch_size": 16,
    "width": 128,
    "depth": 4,
    "heads": 4,
    "seed": 0,
}


def train(run: Run, *, steps: int = STEPS, on_step: OnStep = ignore) -> None:
    """Get from 4.7 nats a character to about 2."""
    torch.manual_seed(0)
    text = corpus.load()
    model = Gpt(len(text.characters), corpus.CONTEXT, width=128, depth=4, heads=4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    corpus.fit(run, model, optimizer, text, batch_size=16, steps=steps, on_step=on_step)


TRAINING = Training(
    name="gpt",
    notes="A small GPT on the text of Python's own help topics. Healthy.",
    train=train,
    steps=STEPS,
    config=CONFIG,
    tags=("demo", "healthy"),
)
