"""The graph of the loss tells whether it is a cosine similarity, and whether there is a minus before it."""

import threading
import weakref
from collections.abc import Callable

import pytest
import torch
from lesson import Lesson, classifier
from torch import nn
from torch.nn import functional

import trainvitals as tv
from trainvitals.capture.loss_graph import _losses
from trainvitals.transport.memory import MemoryTransport

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
PLUS: dict[str, Loss] = {
    "mean": lambda z, t: functional.cosine_similarity(z, t).mean(),
    "target first": lambda z, t: functional.cosine_similarity(t, z, dim=-1).mean(),
    "sum over samples": lambda z, t: functional.cosine_similarity(z, t).sum() / len(z),
    "normalised by function": lambda z, t: (
        (functional.normalize(z, dim=1) * functional.normalize(t, dim=1)).sum(1).mean()
    ),
    "normalised by hand": lambda z, t: ((z / z.norm(dim=1, keepdim=True)) * t).sum(-1).mean(),
    "divided by norms": lambda z, t: ((z * t).sum(1) / (z.norm(dim=1) * t.norm(dim=1) + 1e-8)).mean(),
    "less a constant": lambda z, t: functional.cosine_similarity(z, t).mean() - 1,
    "of a view": lambda z, t: functional.cosine_similarity(z.view(-1, 3), t).mean(),
    "both halves": lambda z, t: (
        functional.cosine_similarity(z[None], t[None], dim=2).mean() + functional.cosine_similarity(z, -t).mean()
    ),
}
MINUS: dict[str, Loss] = {
    "minus": lambda z, t: -functional.cosine_similarity(z, t).mean(),
    "one minus": lambda z, t: (1 - functional.cosine_similarity(z, t)).mean(),
    "a tensor minus": lambda z, t: (torch.ones(len(z)) - functional.cosine_similarity(z, t)).mean(),
}
OTHER: dict[str, Loss] = {
    "another term": lambda z, t: functional.cosine_similarity(z, t).mean() + 1e-3 * z.square().mean(),
    "weighted by labels": lambda z, t: (t[:, 0].sign() * functional.cosine_similarity(z, t)).mean(),
    "a factor that is freed": lambda z, t: -2 * functional.cosine_similarity(z, t).mean(),
    "an angle": lambda z, t: functional.cosine_similarity(z, t).acos().mean(),
    "embedding loss": lambda z, t: functional.cosine_embedding_loss(z, t, torch.ones(len(z))),
    "all pairs": lambda z, t: functional.cross_entropy(
        functional.normalize(z, dim=1) @ functional.normalize(t, dim=1).T, torch.arange(len(z))
    ),
    "a squared similarity": lambda z, t: functional.cosine_similarity(z, t).square().mean(),
    "through a function": lambda z, t: functional.cosine_similarity(z.tanh(), t).mean(),
    "a dot product": lambda z, t: (z * t).sum(1).mean(),
    "no similarity": functional.mse_loss,
}
LESSONS = [(torch.randn(16, 6), torch.randn(16, 3))] * 4


@pytest.mark.parametrize("loss", PLUS.values(), ids=PLUS)
def test_a_loss_that_is_the_similarity_itself_is_told(lesson: Lesson, loss: Loss) -> None:
    lesson.train(classifier(), loss, LESSONS)
    assert lesson.last("loss_graph") == {"form": "cosine_similarity", "looks": 4, "plus": 4, "minus": 0}


@pytest.mark.parametrize("loss", MINUS.values(), ids=MINUS)
def test_a_minus_before_it_is_told(lesson: Lesson, loss: Loss) -> None:
    lesson.train(classifier(), loss, LESSONS)
    assert lesson.last("loss_graph") == {"form": "cosine_similarity", "looks": 4, "plus": 0, "minus": 4}


@pytest.mark.parametrize("loss", OTHER.values(), ids=OTHER)
def test_nothing_is_told_of_another_loss(lesson: Lesson, loss: Loss) -> None:
    lesson.train(classifier(), loss, LESSONS)
    assert lesson.details("loss_graph") == []


def test_a_pair_through_one_network_is_a_similarity_too(lesson: Lesson) -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = classifier()

        def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.net(inputs), self.net(inputs.flip(0))

    lesson.train(Pair(), lambda pair, _: -functional.cosine_similarity(*pair).mean(), LESSONS)
    assert lesson.last("loss_graph")["minus"] == 4


def test_two_losses_that_are_sent_back_apart_are_not_one(lesson: Lesson) -> None:
    class Twice:
        def __init__(self, one: torch.Tensor, other: torch.Tensor) -> None:
            self.losses = one, other

        def backward(self) -> None:
            for loss in self.losses:
                loss.backward(retain_graph=True)

    def both(z: torch.Tensor, t: torch.Tensor) -> Twice:
        return Twice(functional.cosine_similarity(z, t).mean(), functional.mse_loss(z, t))

    lesson.train(classifier(), both, LESSONS)
    assert lesson.details("loss_graph") == []


def test_a_similarity_that_is_the_criterion_is_seen_behind_its_mean(lesson: Lesson) -> None:
    model, criterion = classifier(), nn.CosineSimilarity()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, criterion)
    lesson.train(model, lambda z, t: criterion(z, t).mean(), LESSONS, optimizer)
    assert lesson.last("loss_graph")["plus"] == 4


def test_reading_the_graph_changes_no_number() -> None:
    def trained(watched: bool) -> list[torch.Tensor]:
        torch.manual_seed(5)
        model = classifier()
        optimizer = torch.optim.Adam(model.parameters())
        transport = MemoryTransport()
        run = tv.init(project="equality", transport=transport) if watched else None
        if run is not None:
            run.watch(model, optimizer, log_freq=1)
        for _ in range(12):
            optimizer.zero_grad()
            functional.cosine_similarity(model(torch.randn(16, 6)), torch.randn(16, 3)).mean().backward()
            optimizer.step()
        if run is not None:
            run.finish()
            assert transport.facts("loss_graph")
        return list(model.state_dict().values())

    assert all(torch.equal(bare, seen) for bare, seen in zip(trained(False), trained(True), strict=True))


def test_no_graph_is_kept(lesson: Lesson) -> None:
    kept: list[weakref.ref[torch.Tensor]] = []

    def loss(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        kept.append(weakref.ref(z))
        found = functional.cosine_similarity(z, t).mean()
        kept.append(weakref.ref(found))
        return found

    lesson.train(classifier(), loss, LESSONS)
    assert [ref() for ref in kept] == [None] * len(kept)


def test_a_thread_of_the_engine_finds_the_pass_of_the_thread_that_called_for_it() -> None:
    """On an accelerator hooks run on threads of their own, while the caller waits."""
    output = torch.randn(3, requires_grad=True) * 2
    loss, found = output.sum(), []

    def on_gradient(gradient: torch.Tensor) -> None:
        caller = threading.get_ident()
        other = threading.Thread(target=lambda: found.extend(_losses(caller)[0]))
        other.start()
        other.join()

    output.register_hook(on_gradient)
    loss.backward()
    assert [started.grad_fn for started in found] == [loss.grad_fn]
