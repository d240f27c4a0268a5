"""One cause, one card, in real trainings: the place where it began, and not the layers it went through."""

import pytest
import torch
from torch import Tensor, nn

from .networks import mlp
from .training import batches, fit

pytestmark = pytest.mark.training
BREAKS_AT = 40


class Root(nn.Module):
    """A layer of the user's own, whose square root meets a negative number from the 40th training step on."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return torch.sqrt(x - 1.0) if self.calls > BREAKS_AT else x


def deep() -> nn.Sequential:
    """Thirteen linear layers that learn: a gradient reaches all of them."""
    model = mlp(depth=13)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
    return model


def test_nan_in_a_layer_names_that_layer_and_step_and_none_of_those_after_it() -> None:
    layers = list(deep())
    layers.insert(10, Root())
    model = nn.Sequential(*layers)
    training = fit(model, torch.optim.SGD(model.parameters(), 0.01), batches(), 150)
    (incident,) = training.warnings["incidents"]
    assert (incident["layer"], incident["first_step"], incident["severity"]) == ("10", BREAKS_AT, "critical")
    assert incident["causes"][0]["cause"] == "unstable_layer"
    (lead,) = (entry for entry in training.warnings["warnings"] if entry["rule"] == "non_finite")
    assert lead["summary"].startswith(f"NaN or infinity at step {BREAKS_AT}, first in the output of 10")


def test_a_rate_too_high_is_one_incident_and_not_twelve_dying_layers() -> None:
    model = deep()
    training = fit(model, torch.optim.SGD(model.parameters(), 5.0, momentum=0.9), batches(), 300)
    (incident,) = training.warnings["incidents"]
    assert incident["causes"][0]["cause"] == "learning_rate_too_high"
    louder = [entry for entry in training.warnings["warnings"] if entry["severity"] != "note"]
    assert {entry["incident"] for entry in louder} == {incident["id"]}
