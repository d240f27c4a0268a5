"""What lies between the layers is read from the graph of the model's output, modules or functions."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from lesson import Lesson
from torch import nn
from torch.nn import functional

LABELS = torch.randint(0, 5, (32,), generator=torch.Generator().manual_seed(3))


class Written(nn.Module):
    """Layers with names, and what `between` makes of the first one's output."""

    def __init__(self, between: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.first = nn.Linear(6, 12)
        self.second = nn.Linear(12, 12)
        self.last = nn.Linear(12, 5)
        self.between = between

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.second(self.between(self.first(inputs)))))  # type: ignore[no-any-return]


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.function(inputs)


class Residual(Written):
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        found = self.first(inputs)
        return self.last(torch.relu(found + self.second(found)))  # type: ignore[no-any-return]


class Sequence(Written):
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = super().forward(inputs[:, None, :].expand(-1, 3, -1).transpose(0, 1))
        return found[-1]


def told(lesson: Lesson, model: nn.Module) -> list[list[str]]:
    lesson.train(model, nn.CrossEntropyLoss(), [(torch.randn(32, 6), LABELS)] * 3)
    return [list(pair) for pair in lesson.last("wiring")["pairs"]]


@pytest.mark.parametrize(
    "between",
    [lambda x: x, functional.dropout, lambda x: 2 * x, lambda x: x / 3, lambda x: x.view(32, 3, 4).flatten(1)],
)
def test_layers_with_nothing_but_linear_between_them_are_a_pair(lesson: Lesson, between: Callable) -> None:  # type: ignore[type-arg]
    assert told(lesson, Written(between)) == [["first.weight", "second.weight"]]


@pytest.mark.parametrize(
    "between", [functional.relu, torch.tanh, lambda x: x * x, lambda x: functional.layer_norm(x, (12,))]
)
def test_a_function_between_two_layers_parts_them(lesson: Lesson, between: Callable) -> None:  # type: ignore[type-arg]
    assert told(lesson, Written(between)) == []


def test_a_layer_whose_output_is_used_twice_is_no_pair(lesson: Lesson) -> None:
    assert told(lesson, Residual(nn.Identity())) == []


def test_the_places_of_a_sequence_change_nothing(lesson: Lesson) -> None:
    assert told(lesson, Sequence(nn.Identity())) == [["first.weight", "second.weight"]]


def test_convolutions_are_pairs_too_and_a_network_without_any_function_is_linear(lesson: Lesson) -> None:
    model = nn.Sequential(
        nn.Unflatten(1, (1, 6)), nn.Conv1d(1, 4, 3), nn.Conv1d(4, 4, 3), nn.Flatten(), nn.Linear(8, 5)
    )
    assert ["1.weight", "2.weight"] in told(lesson, model)
    assert lesson.last("wiring")["linear"]


def pooled(between: nn.Module) -> nn.Module:
    """Convolutions in training on pictures of 4 x 4, with an average over windows and something else between."""
    return nn.Sequential(
        nn.Linear(6, 16),
        nn.Unflatten(1, (1, 4, 4)),
        nn.Conv2d(1, 4, 3, padding=1),
        nn.AvgPool2d(2),
        nn.Conv2d(4, 4, 3, padding=1),
        between,
        nn.Conv2d(4, 4, 3, padding=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 5),
    )


@pytest.mark.parametrize("between", [nn.Upsample(scale_factor=2), nn.ZeroPad2d(1), nn.AdaptiveAvgPool2d(3)])
def test_averages_padding_and_upsampling_are_linear(lesson: Lesson, between: nn.Module) -> None:
    """Of them only an average over windows has no sense between two layers of a network that is not linear."""
    assert told(lesson, pooled(between)) == [["0.weight", "2.weight"], ["2.weight", "4.weight"]]
    assert lesson.last("wiring")["linear"]


@pytest.mark.parametrize("between", [nn.MaxPool2d(2), nn.ReLU()])
def test_a_maximum_is_not_linear(lesson: Lesson, between: nn.Module) -> None:
    told(lesson, pooled(between))
    assert not lesson.last("wiring")["linear"]


@pytest.mark.parametrize("function", [torch.relu, lambda x: x * x])
def test_a_function_makes_a_network_more_than_linear(lesson: Lesson, function: Callable) -> None:  # type: ignore[type-arg]
    model = nn.Sequential(nn.Linear(6, 12), Written(nn.Identity()).second, Function(function), nn.Linear(12, 5))
    told(lesson, model)
    assert not lesson.last("wiring")["linear"]


def test_a_bfloat16_region_shows_the_same(lesson: Lesson) -> None:
    class Cast(Written):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                return super().forward(inputs).float()

    assert told(lesson, Cast(nn.Identity())) == [["first.weight", "second.weight"]]


@pytest.mark.parametrize(
    "between",
    [
        lambda x: x * (x > 0).float(),
        lambda x: x * (x > 0),
        lambda x: x + (torch.sign(x) - x).detach(),
    ],
    ids=["a rectifier by hand", "a mask", "a straight-through estimator"],
)
def test_what_the_graph_takes_for_a_constant_may_be_a_function_of_the_input(
    lesson: Lesson,
    between: Callable,  # type: ignore[type-arg]
) -> None:
    assert told(lesson, Written(between)) == []


class ByHand(nn.Module):
    """A layer as in lecture notes: the weight on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(6, 12))
        self.bias = nn.Parameter(torch.zeros(12))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs @ self.matrix + self.bias


@pytest.mark.parametrize(
    ("function", "name"),
    [(torch.tanh, "Tanh"), (torch.sigmoid, "Sigmoid"), (nn.Tanh(), "Tanh"), (torch.relu, None)],
)
def test_what_squashes_a_layer_is_told_by_its_weight(
    lesson: Lesson, function: Callable[[torch.Tensor], torch.Tensor], name: str | None
) -> None:
    told(lesson, nn.Sequential(ByHand(), Function(function), nn.Linear(12, 5)))
    assert lesson.last("wiring")["squashed"] == ({"0.matrix": name} if name else {})


class Summed(Written):
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        found = self.first(inputs)
        return self.last(torch.tanh(found + self.second(found)))  # type: ignore[no-any-return]


def test_what_is_squashed_with_something_else_is_no_layers_own(lesson: Lesson) -> None:
    told(lesson, Summed(nn.Identity()))
    assert lesson.last("wiring")["squashed"] == {}


class Recurrence(nn.Module):
    """A recurrence by hand over the features of a sample, one at a time."""

    def __init__(self, step: Callable[["Recurrence", torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.fresh = nn.Linear(1, 12)
        self.kept = nn.Linear(12, 12)
        self.both = nn.Linear(13, 12)
        self.gates = nn.Linear(13, 24)
        self.cell = nn.RNNCell(1, 12)
        self.last = nn.Linear(12, 5)
        self.step = step

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        state = torch.zeros(len(inputs), 12)
        for seen in inputs.split(1, dim=1):
            state = self.step(self, seen, state)
        return self.last(state)  # type: ignore[no-any-return]


def plain(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(of.fresh(seen) + of.kept(state))


def side_by_side(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return torch.tanh(of.both(torch.cat([seen, state], 1)))


def gated(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    take, reset = torch.sigmoid(of.gates(torch.cat([seen, state], 1))).chunk(2, 1)
    return (1 - take) * state + take * torch.tanh(of.both(torch.cat([seen, reset * state], 1)))


def leaking(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return state + torch.sigmoid(of.fresh(seen) + of.kept(state))


def scaled(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return 4 * torch.sigmoid(of.fresh(seen) + of.kept(state))


def rectified(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return torch.relu(of.fresh(seen) + of.kept(state))


def celled(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return of.cell(seen, state)  # type: ignore[no-any-return]


def forgetful(of: Recurrence, seen: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(of.fresh(seen) + of.kept(state.detach()))


@pytest.mark.parametrize(
    ("step", "repeated", "squashed"),
    [
        (plain, {"kept.weight": 6}, {"kept.weight": "Sigmoid"}),
        (side_by_side, {"both.weight": 6}, {"both.weight": "Tanh"}),
        (gated, {"both.weight": 6, "gates.weight": 6}, {}),
        (leaking, {"kept.weight": 6}, {}),
        (scaled, {"kept.weight": 6}, {}),
        (rectified, {"kept.weight": 6}, {}),
        (celled, {"cell.weight_hh": 6}, {"cell.weight_hh": "Tanh"}),
        (forgetful, {}, {}),
    ],
)
def test_a_recurrence_by_hand_is_a_weight_that_is_applied_to_what_came_of_it(
    lesson: Lesson,
    step: Callable[[Recurrence, torch.Tensor, torch.Tensor], torch.Tensor],
    repeated: dict[str, int],
    squashed: dict[str, str],
) -> None:
    told(lesson, Recurrence(step))
    assert lesson.last("wiring")["repeated"] == repeated
    assert lesson.last("wiring")["repeated_squashed"] == squashed


class Shared(nn.Module):
    """One network that sees each feature by itself, then what came of all of them together."""

    def __init__(self) -> None:
        super().__init__()
        self.spread = nn.Linear(1, 12)
        self.twin = nn.Linear(12, 12)
        self.last = nn.Linear(12, 5)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        halves = [torch.tanh(self.twin(self.spread(seen))) for seen in inputs.split(1, dim=1)]
        return self.last(torch.tanh(self.twin(sum(halves))))  # type: ignore[no-any-return]


def test_what_is_applied_side_by_side_is_no_recurrence(lesson: Lesson) -> None:
    told(lesson, Shared())
    assert lesson.last("wiring")["repeated"] == {}


@pytest.mark.parametrize(("times", "repeated"), [(3, {}), (5, {"1.weight": 5})])
def test_a_stack_of_one_layer_is_a_recurrence_where_it_is_deep(
    lesson: Lesson, times: int, repeated: dict[str, int]
) -> None:
    layer = nn.Linear(12, 12)
    stack = [part for _ in range(times) for part in (layer, nn.Sigmoid())]
    told(lesson, nn.Sequential(nn.Linear(6, 12), *stack, nn.Linear(12, 5)))
    assert lesson.last("wiring")["repeated"] == repeated
    assert list(lesson.last("wiring")["repeated_squashed"].values()) == ["Sigmoid"] * len(repeated)


class Added(nn.Module):
    """A recurrence by hand whose states are added up from the number 0."""

    def __init__(self, bend: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.bend = bend
        self.into, self.again, self.out = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 5)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        state, total = torch.zeros(len(inputs), 8), 0
        for start in (0, 2, 4, 0, 2, 4):
            state = self.bend(self.into(inputs[:, start : start + 2]) + self.again(state))
            total = total + state
        return self.out(total / 6)


@pytest.mark.parametrize(("bend", "linear"), [(lambda x: x, True), (torch.tanh, False)], ids=["linear", "tanh"])
def test_a_recurrence_that_nothing_bends_is_linear_but_for_sums(lesson: Lesson, bend: Any, linear: bool) -> None:
    told(lesson, Added(bend))
    found = lesson.last("wiring")
    assert (found["linear"], found["linear_but_sums"]) == (False, linear)
    assert set(found["repeated"]) == {"again.weight"}
