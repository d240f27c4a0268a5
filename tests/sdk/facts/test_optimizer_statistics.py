"""Second moments, rounding and weight decay of a parameter, against the optimizer's own tensors."""

from itertools import pairwise

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn

from trainvitals.capture.positions import SAMPLES_DEEP

BATCH = torch.randn(8, 6), torch.randint(0, 3, (8,))


@pytest.mark.parametrize("amsgrad", [False, True])
def test_elements_dominated_by_epsilon_are_those_of_adams_second_moment(lesson: Lesson, amsgrad: bool) -> None:
    model = classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=3e-3, amsgrad=amsgrad)
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH], optimizer)
    for name, parameter in model.named_parameters():
        state = optimizer.state[parameter]
        corrected = state["max_exp_avg_sq" if amsgrad else "exp_avg_sq"].double() / (1 - 0.999**1)
        expected = float((corrected.sqrt() < 3e-3).double().mean())
        assert lesson.values(f"epsilon_dominated_fraction/{name}")[0] == pytest.approx(expected, abs=1e-6)
    assert 0 < lesson.values("epsilon_dominated_fraction/0.weight")[0] < 1


def test_updates_lost_in_bfloat16_are_counted_exactly(lesson: Lesson) -> None:
    model = classifier().to(torch.bfloat16)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    inputs, labels = BATCH
    lesson.train(model, nn.CrossEntropyLoss(), [(inputs.bfloat16(), labels)], torch.optim.SGD(model.parameters(), 1e-2))
    for name, parameter in model.named_parameters():
        meant = parameter.grad != 0
        expected = float((parameter.detach() == before[name])[meant].double().mean())
        assert lesson.values(f"update_lost_fraction/{name}")[0] == pytest.approx(expected)
    assert lesson.values("update_lost_fraction/0.weight")[0] > 0.3


def test_a_learning_rate_of_zero_loses_nothing_in_rounding(lesson: Lesson) -> None:
    model = classifier()
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH], torch.optim.SGD(model.parameters(), lr=0.0))
    assert "update_norm/0.weight" in lesson.transport.series() or lesson.values("update_norm/0.weight")
    assert not lesson.values("update_lost_fraction/0.weight")


def test_coupled_decay_is_weighed_against_the_gradient(lesson: Lesson) -> None:
    model = classifier()
    before = model[0].weight.detach().double().norm()
    lesson.train(model, nn.CrossEntropyLoss(), [BATCH], torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.3))
    expected = 0.3 * float(before / model[0].weight.grad.double().norm())
    assert lesson.values("weight_decay_ratio/0.weight")[0] == pytest.approx(expected, rel=1e-4)


def test_decoupled_decay_is_weighed_against_the_rest_of_the_update(lesson: Lesson) -> None:
    model = classifier()
    before = model[0].weight.detach().double().clone()
    lesson.train(
        model, nn.CrossEntropyLoss(), [BATCH], torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.5)
    )
    decay = 1e-2 * 0.5 * before
    rest = model[0].weight.detach().double() - before + decay
    expected = float(decay.norm() / rest.norm())
    assert lesson.values("weight_decay_ratio/0.weight")[0] == pytest.approx(expected, rel=1e-3)


def test_cosines_of_successive_gradients_are_those_of_the_gradients(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CrossEntropyLoss()
    gradients = []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        lesson.train(model, criterion, [(torch.randn(8, 6), torch.randint(0, 3, (8,)))], optimizer)
        gradients.append(model[0].weight.grad.double().ravel().clone())
    expected = [float(nn.functional.cosine_similarity(a, b, dim=0)) for a, b in pairwise(gradients)]
    found = lesson.values("gradient_cosine/0.weight")
    assert [found[1], found[2]] == pytest.approx(expected, abs=1e-5)


def test_cosines_between_a_shallow_and_a_deep_step_are_told_too(lesson: Lesson) -> None:
    model, criterion = nn.Linear(100, 100), nn.MSELoss()
    assert model.weight.numel() > SAMPLES_DEEP
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.train(model, criterion, [(torch.randn(8, 100), torch.randn(8, 100)) for _ in range(12)], optimizer)
    assert sorted(lesson.values("gradient_cosine/weight")) == list(range(1, 12))
