"""A deep stack of sigmoid layers on the GPT's text: the gradients vanish before they reach the lower layers."""

import torch

from trainvitals_command.demo import corpus
from trainvitals_command.demo.networks.sigmoid_stack import SigmoidStack
from trainvitals_command.demo.training import OnStep, Run, Training, ignore

STEPS = 300
CONFIG = {
    "network": "sigmoid stack",
    "optimizer": "AdamW",
    "lr": 1e-3,
    "batch_size": 16,
    "width": 128,
    "depth": 12,
    "seed": 0,
}


def train(run: Run, *, steps: int = STEPS, on_step: OnStep = ignore) -> None:
    """Learn how often each character occurs, and never more."""
    torch.manual_seed(0)
    text = corpus.load()
    model = SigmoidStack(len(text.characters), seen=8, width=128, depth=12)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    corpus.fit(run, model, optimizer, text, batch_size=16, steps=steps, on_step=on_step)


TRAINING = Training(
    name="gpt, deep sigmoid stack",
    notes="The text of `gpt` through twelve sigmoid layers without residual connections. Sick.",
    train=train,
    steps=STEPS,
    config=CONFIG,
    tags=("demo", "sick"),
)
