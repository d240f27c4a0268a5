"""What modules give back: tuples, dictionaries, dataclasses, nested lists, scalars, nothing."""

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import pytest
import torch
from networks_small import CLASSES, batch, sgd
from scene import Loss, Scene, prove
from torch import nn


@dataclass
class Plain:
    indices: Any
    logits: torch.Tensor


@dataclass(frozen=True, slots=True)
class Slotted:
    logits: torch.Tensor


class Named(NamedTuple):
    nothing: Any
    logits: torch.Tensor


@dataclass
class ModelOutput(OrderedDict[str, Any]):
    """Like the one of transformers: a dataclass that is an ordered dictionary of its fields that are not None."""

    loss: Any = None
    logits: Any = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) is not None:
                self[field.name] = getattr(self, field.name)


OUTPUTS = {
    "tuple": lambda x: (torch.arange(3), x),
    "dictionary": lambda x: {"ids": torch.arange(3), "logits": x},
    "dataclass": lambda x: Plain(torch.arange(3), x),
    "slotted dataclass": Slotted,
    "named tuple": lambda x: Named(None, x),
    "model output": lambda x: ModelOutput(logits=x),
    "nested": lambda x: [None, ({"deep": [torch.arange(2), x]},)],
}
NO_TENSORS = {
    "nothing": None,
    "scalar": 3.5,
    "text": "text",
    "empty": [],
    "indices": torch.arange(3),
    "object": object(),
}


class Wrapping(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.scale = nn.Parameter(torch.ones(CLASSES))
        self.seen: Any = None

    def forward(self, x: torch.Tensor) -> Any:
        self.seen = x * self.scale
        return NO_TENSORS[self.kind] if self.kind in NO_TENSORS else OUTPUTS[self.kind](self.seen)


class Whole(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.body, self.part = nn.Linear(6, CLASSES), Wrapping(kind)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.part(self.body(x))
        return self.part.seen  # type: ignore[no-any-return]


def giving(scene: Scene, kind: str) -> Generator[Loss, None, None]:
    model = Whole(kind)
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "body", *(["part"] if kind in OUTPUTS else []))
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_first_floating_tensor_of_any_structure_is_the_output(kind: str) -> None:
    proof = prove(lambda scene: giving(scene, kind))
    assert set(proof.values("activation_std/part")) == {0, 1}
    assert proof.layers["part"]["output_shape"] == [16, CLASSES]


@pytest.mark.parametrize("kind", NO_TENSORS)
def test_an_output_without_a_floating_tensor_is_left_aside(kind: str) -> None:
    proof = prove(lambda scene: giving(scene, kind))
    assert "activation_std/part" not in proof.series and "activation_std/body" in proof.series


class Keywords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(6, CLASSES)

    def forward(self, *, inputs: torch.Tensor, labels: torch.Tensor) -> ModelOutput:
        logits = self.body(input=inputs)
        return ModelOutput(nn.functional.cross_entropy(logits, labels), logits)


def by_keywords(scene: Scene) -> Generator[Loss, None, None]:
    model = Keywords()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "body")
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = model(inputs=x, labels=y).loss
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_model_that_takes_keywords_alone_is_watched() -> None:
    assert set(prove(by_keywords).values("activation_std/body")) == {0, 1}
