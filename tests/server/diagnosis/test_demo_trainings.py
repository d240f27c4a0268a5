"""The four trainings of the demo, shortened: two healthy without warnings, two sick with the right cause first."""

import pytest
import torch

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport
from trainvitals_command.demo.training import Training as DemoTraining
from trainvitals_command.demo.trainings import cnn, cnn_learning_rate_too_high, gpt, gpt_sigmoid_stack

from .story import tells_one_story
from .training import Training, judged

pytestmark = pytest.mark.training


def watched(demo: DemoTraining, steps: int) -> Training:
    """Train as the demo does, for fewer steps."""
    torch.set_num_threads(1)
    transport = MemoryTransport()
    with tv.init(project="tests", transport=transport) as run:
        demo.train(run, steps=steps)
    return judged(transport.reports)


@pytest.mark.parametrize(("demo", "steps"), [(cnn.TRAINING, 200), (gpt.TRAINING, 120)], ids=["cnn", "gpt"])
def test_the_healthy_demo_has_no_warning(demo: DemoTraining, steps: int) -> None:
    training = watched(demo, steps)
    assert training.alarms == []
    assert not training.seen_at


@pytest.mark.parametrize(
    ("demo", "steps", "cause"),
    [
        (cnn_learning_rate_too_high.TRAINING, 100, "learning_rate_too_high"),
        (gpt_sigmoid_stack.TRAINING, 200, "vanishing_gradient"),
    ],
    ids=["cnn, learning rate too high", "gpt, deep sigmoid stack"],
)
def test_the_sick_demo_has_one_incident_with_the_right_cause_first(demo: DemoTraining, steps: int, cause: str) -> None:
    training = watched(demo, steps)
    assert training.causes[0] == cause, (training.causes, training.alarms)
    assert tells_one_story(training.warnings)
