"""Parameters that no module registers and no optimizer has: told where they get gradients and never move."""

import sys
import threading
from collections.abc import Callable
from typing import Any
from weakref import ref

import pytest
import torch
from lesson import Lesson
from torch import nn

import trainvitals as tv
from trainvitals.capture.unregistered import _owned
from trainvitals.transport.memory import MemoryTransport

LESSONS = [(torch.randn(16, 6), torch.randint(0, 3, (16,)))] * 12
Forward = Callable[[Any, torch.Tensor], torch.Tensor]


class Holder(nn.Module):
    """A registered layer at the end, and what a test hangs on it beside that."""

    def __init__(self, forward: Forward, **held: Any) -> None:
        super().__init__()
        self.last = nn.Linear(6, 3)
        self.called = forward
        for name, value in held.items():
            setattr(self, name, value)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.last(self.called(self, inputs))  # type: ignore[no-any-return]


class NoModule:
    """Its class forgot `nn.Module`."""

    def __init__(self) -> None:
        self.inner = nn.Linear(6, 6)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.inner(inputs).relu()  # type: ignore[no-any-return]


def layers() -> list[nn.Module]:
    return [nn.Linear(6, 6), nn.Linear(6, 6)]


def through(held: Any, inputs: torch.Tensor) -> torch.Tensor:
    for layer in held:
        inputs = layer(inputs).tanh()
    return inputs


HIDDEN: dict[str, tuple[Callable[[], Holder], str, list[str]]] = {
    "a list": (
        lambda: Holder(lambda one, x: through(one.hidden, x), hidden=layers()),
        "hidden",
        ["hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "hidden.1.bias"],
    ),
    "a dictionary of lists": (
        lambda: Holder(lambda one, x: through(one.hidden["a"], x), hidden={"a": [nn.Linear(6, 6, bias=False)]}),
        "hidden",
        ["hidden.a.0.weight"],
    ),
    "an object": (
        lambda: Holder(lambda one, x: one.block(x), block=NoModule()),
        "block",
        ["block.inner.weight", "block.inner.bias"],
    ),
    "parameters in a list": (
        lambda: Holder(lambda one, x: (x @ one.gates[0]).tanh(), gates=[nn.Parameter(torch.randn(6, 6))]),
        "gates",
        ["gates.0"],
    ),
    "a bare weight": (
        lambda: Holder(lambda one, x: (x @ one.mix).tanh(), mix=torch.randn(6, 6, requires_grad=True)),
        "mix",
        ["mix"],
    ),
    "a bare scale": (
        lambda: Holder(lambda one, x: one.scale * one.last(x).repeat(1, 2), scale=torch.ones(6, requires_grad=True)),
        "scale",
        ["scale"],
    ),
}


@pytest.mark.parametrize("build, attribute, names", HIDDEN.values(), ids=HIDDEN)
def test_what_gets_a_gradient_and_never_moves_is_told(
    lesson: Lesson, build: Callable[[], Holder], attribute: str, names: list[str]
) -> None:
    lesson.train(build(), nn.CrossEntropyLoss(), LESSONS)
    told = lesson.details("unregistered")
    assert told == [{"parameters": names, "parameters_count": len(names), "attributes": [attribute]}]


def test_a_name_tells_the_module_that_holds_it(lesson: Lesson) -> None:
    model = nn.Sequential(Holder(lambda one, x: through(one.hidden, x), hidden=layers()))
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS)
    assert lesson.last("unregistered")["attributes"] == ["0.hidden"]


def frozen_teacher() -> Holder:
    def call(one: Holder, inputs: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return through(one.teacher, inputs)

    return Holder(call, teacher=layers())


def points_of_an_equation() -> Holder:
    """Where the equation holds: x (1 - x) times a network, that it may be 0 at both ends."""

    def call(one: Holder, inputs: torch.Tensor) -> torch.Tensor:
        points = one.points
        return points * (1 - points) * (2 * (points - 0.5) @ torch.ones(1, 6))

    return Holder(call, points=torch.rand(16, 1, requires_grad=True))


def points_first() -> Holder:
    return Holder(lambda one, x: one.points, points=torch.rand(16, 6, requires_grad=True))


HEALTHY: dict[str, Callable[[], Holder]] = {
    "a frozen teacher": frozen_teacher,
    "a detached teacher": lambda: Holder(lambda one, x: through(one.teacher, x).detach(), teacher=layers()),
    "a backbone without gradients": lambda: Holder(
        lambda one, x: through(one.backbone, x), backbone=[layer.requires_grad_(False) for layer in layers()]
    ),
    "layers in evaluation mode": lambda: Holder(
        lambda one, x: through(one.backbone, x), backbone=[layer.eval() for layer in layers()]
    ),
    "layers that are not called": lambda: Holder(lambda one, x: x, spare=layers()),
    "points of an equation": points_of_an_equation,
    "points that are the input": points_first,
    "noise that is added to the input": lambda: Holder(
        lambda one, x: x + one.delta, delta=torch.zeros(6, requires_grad=True)
    ),
}


@pytest.mark.parametrize("build", HEALTHY.values(), ids=HEALTHY)
def test_what_is_held_beside_the_model_on_purpose_is_not_told(lesson: Lesson, build: Callable[[], Holder]) -> None:
    lesson.train(build(), nn.CrossEntropyLoss(), LESSONS)
    assert lesson.details("unregistered") == []


def test_a_list_of_registered_layers_is_no_second_home(lesson: Lesson) -> None:
    model = Holder(lambda one, x: through(one.order, x), hidden=nn.ModuleList(layers()))
    model.order = list(model.hidden)
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS)
    assert lesson.details("unregistered") == []


def test_what_the_watched_optimizer_was_given_is_no_stray(lesson: Lesson) -> None:
    hidden = layers()
    model = Holder(lambda one, x: through(one.hidden, x), hidden=hidden)
    given = [*model.parameters(), *(tensor for layer in hidden for tensor in layer.parameters())]
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS, torch.optim.SGD(given, lr=0.1))
    assert lesson.details("unregistered") == []


def _by_another_optimizer(tensors: list[torch.Tensor]) -> Callable[[], None]:
    return torch.optim.SGD(tensors, lr=1e-3).step


def _by_hand(tensors: list[torch.Tensor]) -> Callable[[], None]:
    def step() -> None:
        for tensor in tensors:
            tensor.data -= 1e-3 * tensor.grad  # type: ignore[operator]

    return step


@pytest.mark.parametrize("mover", [_by_another_optimizer, _by_hand])
@pytest.mark.parametrize("every", [1, 5])
def test_what_somebody_else_moves_is_his(
    lesson: Lesson, mover: Callable[[list[torch.Tensor]], Callable[[], None]], every: int
) -> None:
    hidden = layers()
    model = Holder(lambda one, x: through(one.hidden, x), hidden=hidden)
    move = mover([tensor for layer in hidden for tensor in layer.parameters()])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for number, lesson_ in enumerate(LESSONS):
        lesson.train(model, nn.CrossEntropyLoss(), [lesson_], optimizer)
        if number % every == every - 1:
            move()
    assert lesson.details("unregistered") == []


def test_what_waits_in_another_optimizer_is_his(lesson: Lesson) -> None:
    hidden = layers()
    model = Holder(lambda one, x: through(one.hidden, x), hidden=hidden)
    later = torch.optim.SGD([tensor for layer in hidden for tensor in layer.parameters()], lr=1e-3)
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS)
    assert later and lesson.details("unregistered") == []


def test_what_moves_later_is_taken_back(lesson: Lesson) -> None:
    hidden = layers()
    model = Holder(lambda one, x: through(one.hidden, x), hidden=hidden)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    lesson.run.watch(model, optimizer, nn.CrossEntropyLoss(), log_freq=1)
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS, optimizer)
    torch.optim.SGD([tensor for layer in hidden for tensor in layer.parameters()], lr=0.1).step()
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS * 10, optimizer)
    assert [told["parameters_count"] for told in lesson.details("unregistered")] == [4, 0]


def test_looking_for_other_optimizers_breaks_no_tuple_that_another_thread_fills(lesson: Lesson) -> None:
    tensors = [nn.Parameter(torch.zeros(2)) for _ in range(3)]
    others = torch.optim.SGD(tensors[:2], lr=0.1)
    broken: list[BaseException] = []
    done = threading.Event()

    def fill() -> None:
        try:
            while not done.is_set():
                tuple(str(number) for number in range(64))
        except SystemError as error:
            broken.append(error)

    thread = threading.Thread(target=fill)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        owned = [_owned(tensors) for _ in range(5)]
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()
    assert others and owned == [{id(tensor) for tensor in tensors[:2]}] * 5
    assert not broken


def test_nothing_is_held_that_the_model_has_let_go(lesson: Lesson) -> None:
    model = Holder(lambda one, x: x, spare=layers())
    lesson.train(model, nn.CrossEntropyLoss(), LESSONS[:2])
    gone = ref(model.spare[0].weight)  # type: ignore[index]
    model.spare = []
    assert gone() is None


def test_looking_for_them_changes_no_number() -> None:
    def trained(watched: bool) -> list[torch.Tensor]:
        torch.manual_seed(5)
        model = HIDDEN["a list"][0]()
        optimizer = torch.optim.Adam(model.parameters())
        transport = MemoryTransport()
        run = tv.init(project="equality", transport=transport) if watched else None
        if run is not None:
            run.watch(model, optimizer, log_freq=1)
        for _ in range(12):
            optimizer.zero_grad()
            model(torch.randn(16, 6)).square().mean().backward()
            optimizer.step()
        if run is not None:
            run.finish()
            assert transport.facts("unregistered")
        hidden = [tensor for layer in model.hidden for tensor in layer.parameters()]  # type: ignore[union-attr]
        return [*model.state_dict().values(), *hidden, *(tensor.grad for tensor in hidden)]  # type: ignore[list-item]

    assert all(torch.equal(bare, seen) for bare, seen in zip(trained(False), trained(True), strict=True))
