"""Which layers are a network's own, told from their records."""

import pytest

from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.records import Layer

from .conftest import linear, parameter


def model(*shape: int) -> Layer:
    """A whole model that holds a parameter itself, and gives two classes."""
    own = [parameter("tokens", *shape)]
    return {"name": "Reader", "type": "Reader", "order": 2, "output_shape": [32, 2], "parameters": own}


@pytest.mark.parametrize(("shape", "last"), [((1, 14, 16), "head"), ((16, 2), "Reader")])
def test_a_models_own_parameters_are_its_output_only_where_they_are_as_wide(shape: tuple[int, ...], last: str) -> None:
    network = Network([linear("body", 0), linear("head", 1, 16, 2), model(*shape)])
    assert network.weights[-1].layer == last
    assert network.layers[network.output_place]["name"] == last


def test_a_model_of_one_module_is_its_own_output() -> None:
    assert Network([model(5, 7)]).weights[-1].layer == "Reader"


@pytest.mark.parametrize(
    ("kind", "shape", "fan_in"),
    [("Dense", (10, 64), 10), ("Dense", (64, 10), 10), ("Linear", (10, 64), 64), ("MultiheadAttention", (192, 64), 64)],
)
def test_a_layer_by_hand_may_have_its_inputs_along_the_first_side(
    kind: str, shape: tuple[int, int], fan_in: int
) -> None:
    matrix = parameter("own.weight", *shape)
    own: Layer = {"name": "own", "type": kind, "order": 0, "output_shape": [32, 64], "parameters": [matrix]}
    assert Network([own, linear("head", 1, 64, 2)]).weights[0].fan_in == fan_in
