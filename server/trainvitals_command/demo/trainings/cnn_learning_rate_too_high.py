"""The same convolutional network at a learning rate far too high: the loss blows up within 20 steps."""

from trainvitals_command.demo.training import OnStep, Run, Training, ignore
from trainvitals_command.demo.trainings import cnn

STEPS = 200
CONFIG = {**cnn.CONFIG, "lr": 2.0}


def train(run: Run, *, steps: int = STEPS, on_step: OnStep = ignore) -> None:
    """Take steps 100 times as long as the healthy twin does."""
    cnn.train_at(2.0, run, steps=steps, on_step=on_step)


TRAINING = Training(
    name="cnn, learning rate too high",
    notes="The same network and digits as `cnn`, at 100 times its learning rate. Sick.",
    train=train,
    steps=STEPS,
    config=CONFIG,
    tags=("demo", "sick"),
)
