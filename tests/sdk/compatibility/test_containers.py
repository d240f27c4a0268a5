"""Parameters that belong to lists, dictionaries and to the root itself, wrappers, and very deep models."""

from collections import OrderedDict
from collections.abc import Generator

import torch
from networks_small import CLASSES, WIDTH, batch, sgd, small
from scene import Loss, Scene, prove
from torch import nn

LAYERS = 2000


class Containers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(WIDTH, WIDTH), nn.ModuleDict({"end": nn.Linear(WIDTH, CLASSES)})])
        self.scales = nn.ParameterList([torch.ones(WIDTH), torch.ones(WIDTH)])
        self.shifts = nn.ParameterDict({"shift": torch.zeros(WIDTH)})
        self.own = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.parts[0](x * self.own) * self.scales[0] * self.scales[1] + self.shifts["shift"]
        return self.parts[1]["end"](x)  # type: ignore[no-any-return]


def contained(scene: Scene) -> Generator[Loss, None, None]:
    model = Containers()
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "parts.0", "parts.1.end")
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_parameters_of_lists_dictionaries_and_of_the_root_have_owners() -> None:
    proof = prove(contained)
    owners = {p["name"]: layer["name"] for layer in proof.layers.values() for p in layer["parameters"]}
    assert owners["scales.0"] == "scales" and owners["shifts.shift"] == "shifts" and owners["own"] == "Containers"


class Listed(nn.Module):
    """Nothing but parameters in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList([torch.randn(WIDTH, WIDTH) for _ in range(3)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for weight in self.weights:
            x = torch.tanh(x @ weight)
        return x


def listed(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(OrderedDict(body=Listed()))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "body")
    for _ in range(4):
        optimizer.zero_grad()
        loss = model(batch()[0]).square().mean()
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_a_module_whose_parameters_stand_in_a_list_is_a_layer() -> None:
    proof = prove(listed)
    assert len(proof.values("activation_std/body")) == 4


def wrapped(scene: Scene) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.models.append(model)
    scene.run.watch(nn.DataParallel(model), optimizer)
    scene.expect_outputs(model, "first")
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        scene.step(optimizer)
        yield loss


def test_names_lose_the_prefixes_of_wrappers() -> None:
    proof = prove(wrapped)
    assert set(proof.layers) == {"first", "act", "last"}
    assert "gradient_norm/first.weight" in proof.series


def deep(scene: Scene) -> Generator[Loss, None, None]:
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(LAYERS)))
    optimizer = sgd(model)
    scene.watch(model, optimizer)
    scene.expect_outputs(model, "0", str(LAYERS - 1))
    optimizer.zero_grad()
    loss = model(torch.randn(2, 4)).square().sum()
    loss.backward()
    optimizer.step()
    yield loss


def test_a_model_of_two_thousand_layers_is_watched() -> None:
    proof = prove(deep)
    assert len(proof.layers) == LAYERS
    assert set(proof.values(f"gradient_norm/{LAYERS - 1}.weight")) == {0}
