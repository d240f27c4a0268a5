"""Without a criterion the gradient at the model's output tells which loss was computed, by whatever code."""

from collections.abc import Callable

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn
from torch.nn import functional

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
LABELS = torch.randint(0, 5, (32,), generator=torch.Generator().manual_seed(3))
TRUTHS = (LABELS > 2).float()[:, None]
OF_CLASSES: dict[str, tuple[Loss, nn.Module]] = {
    "cross_entropy": (functional.cross_entropy, nn.Identity()),
    "cross_entropy_of_softmax": (lambda z, y: functional.cross_entropy(functional.softmax(z, 1), y), nn.Identity()),
    "likelihood": (functional.nll_loss, nn.LogSoftmax(1)),
    "likelihood_of_softmax": (lambda z, y: functional.nll_loss(z.softmax(1), y), nn.Identity()),
    "likelihood_of_logarithm": (lambda p, y: functional.nll_loss(p.log(), y), nn.Softmax(1)),
    "squared_error": (lambda z, y: functional.mse_loss(z, functional.one_hot(y, 5).float()), nn.Identity()),
}
OF_TRUTHS: dict[str, tuple[Loss, nn.Module]] = {
    "binary_cross_entropy": (functional.binary_cross_entropy, nn.Sigmoid()),
    "binary_cross_entropy_with_logits": (functional.binary_cross_entropy_with_logits, nn.Identity()),
    "binary_cross_entropy_with_logits_of_sigmoid": (
        lambda z, y: functional.binary_cross_entropy_with_logits(z.sigmoid(), y),
        nn.Identity(),
    ),
}


@pytest.mark.parametrize("form", OF_CLASSES)
def test_the_form_of_a_loss_of_classes_is_told(lesson: Lesson, form: str) -> None:
    loss, end = OF_CLASSES[form]
    lesson.train(nn.Sequential(classifier(classes=5), end), loss, [(torch.randn(32, 6), LABELS)])
    told = lesson.last("loss_gradient")
    assert (told["form"], told["outputs"]) == (form, 5)
    assert told["scale"] > 0


@pytest.mark.parametrize("form", OF_TRUTHS)
def test_the_form_of_a_binary_loss_is_told(lesson: Lesson, form: str) -> None:
    loss, end = OF_TRUTHS[form]
    lesson.train(nn.Sequential(classifier(classes=1), end), loss, [(torch.randn(32, 6), TRUTHS)])
    assert lesson.last("loss_gradient")["form"] == form


def test_a_softmax_before_the_loss_shows_in_the_sums_of_the_rows(lesson: Lesson) -> None:
    lesson.train(
        nn.Sequential(classifier(classes=5), nn.Softmax(1)), functional.cross_entropy, [(torch.randn(32, 6), LABELS)]
    )
    told = lesson.last("loss_gradient")
    assert told["form"] == "cross_entropy"
    assert told["output_row_sum_min"] == pytest.approx(1) == told["output_row_sum_max"]


def test_the_scale_tells_sum_from_mean_and_the_sign(lesson: Lesson) -> None:
    lesson.train(classifier(classes=5), lambda z, y: -functional.cross_entropy(z, y), [(torch.randn(32, 6), LABELS)])
    assert lesson.last("loss_gradient")["scale"] == pytest.approx(-1 / 32, rel=1e-3)


def test_a_loss_of_another_form_is_not_guessed(lesson: Lesson) -> None:
    lesson.train(classifier(classes=5), lambda z, y: z.square().mean() + z.std(), [(torch.randn(32, 6), LABELS)])
    assert lesson.details("loss_gradient") == []


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_mean_of_a_critic_is_no_loss_of_truths(lesson: Lesson, sign: float) -> None:
    def critic(scores: torch.Tensor, truths: torch.Tensor) -> torch.Tensor:
        return sign * (scores * (2 * truths - 1)).mean()

    inputs = 0.05 * torch.randn(32, 6)
    lesson.train(classifier(classes=1), critic, [(inputs, TRUTHS), (inputs, torch.ones(32, 1))])
    assert lesson.details("loss_gradient") == []


def test_a_batch_got_right_but_for_one_sample_is_not_mistaken_for_another_loss(lesson: Lesson) -> None:
    scores = 40.0 * functional.one_hot(LABELS, 5).float() + torch.randn(32, 5)
    right = torch.where(torch.arange(32) == 7, (LABELS + 1) % 5, LABELS)
    model = nn.Linear(5, 5, bias=False)
    nn.init.eye_(model.weight)
    lesson.train(model, functional.cross_entropy, [(scores, right)])
    assert {told["form"] for told in lesson.details("loss_gradient")} <= {"cross_entropy"}


def test_a_squashed_output_is_not_told_of_one_target(lesson: Lesson) -> None:
    loss, end = OF_TRUTHS["binary_cross_entropy_with_logits_of_sigmoid"]
    lesson.train(nn.Sequential(classifier(classes=1), end), loss, [(torch.randn(32, 6), torch.ones(32, 1))])
    assert lesson.details("loss_gradient") == []


def test_a_criterion_of_torch_is_asked_itself(lesson: Lesson) -> None:
    lesson.train(classifier(classes=5), nn.CrossEntropyLoss(), [(torch.randn(32, 6), LABELS)])
    assert lesson.details("loss_gradient") == []


def test_token_predictions_are_rows_of_their_own(lesson: Lesson) -> None:
    inputs, labels = torch.randn(4, 10, 6), torch.randint(0, 5, (4, 10))
    lesson.train(
        classifier(6, 5), lambda z, y: functional.cross_entropy(z.flatten(0, 1), y.flatten()), [(inputs, labels)]
    )
    assert lesson.last("loss_gradient")["form"] == "cross_entropy"


def test_asking_the_gradient_changes_no_number() -> None:
    def trained(watched: bool) -> list[torch.Tensor]:
        torch.manual_seed(5)
        model = classifier()
        optimizer = torch.optim.Adam(model.parameters())
        run = tv.init(project="equality", transport=MemoryTransport()) if watched else None
        if run is not None:
            run.watch(model, optimizer, log_freq=1)
        for _ in range(12):
            optimizer.zero_grad()
            functional.cross_entropy(model(torch.randn(16, 6)), torch.randint(0, 3, (16,))).backward()
            optimizer.step()
        if run is not None:
            run.finish()
        return list(model.state_dict().values())

    assert all(torch.equal(bare, seen) for bare, seen in zip(trained(False), trained(True), strict=True))
