"""Layers x steps."""

import json
import math

import numpy as np
import pytest
from report_sender import Sender, frame

from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.reader import NotFound
from trainvitals_wire.records import Layer, Parameter


def parameter(name: str, *shape: int) -> Parameter:
    return {"name": name, "shape": list(shape), "dtype": "float32", "trainable": True, "in_optimizer": True}


def layer(name: str, order: int, *parameters: Parameter) -> Layer:
    return {"name": name, "type": "Linear", "order": order, "output_shape": None, "parameters": list(parameters)}


LAYERS = (
    layer("b", 1, parameter("b.bias", 4), parameter("b.weight", 4, 4)),
    layer("a", 0, parameter("a.weight", 4, 4), parameter("a.bias", 4)),
    layer("relu", 2),
)


@pytest.fixture
def sender(store: Store) -> Sender:
    return Sender(store, NewRun("project", "name", layers=LAYERS))


def test_layers_stand_in_forward_order(sender: Sender, reader: StorageReader) -> None:
    assert [entry["name"] for entry in reader.layers(sender.run_id)] == ["a", "b", "relu"]


def test_a_report_with_layers_replaces_them(sender: Sender, reader: StorageReader) -> None:
    sender.send(layers=(layer("only", 0),))
    assert [entry["name"] for entry in reader.layers(sender.run_id)] == ["only"]


def test_few_steps_are_columns_of_their_own(sender: Sender, reader: StorageReader) -> None:
    sender.send(frame({"activation_std/b": [1, 2], "activation_std/a": [3, math.nan]}, [4, 8], np.float32))
    answer = reader.heatmap(sender.run_id, "activation_std")
    assert answer == {"layers": ["a", "b"], "steps": [4, 8], "values": [[3.0, None], [1.0, 2.0]]}
    json.dumps(answer, allow_nan=False)


def test_layers_logged_at_different_steps_share_the_columns(sender: Sender, reader: StorageReader) -> None:
    sender.send(frame({"activation_std/a": [1, 2]}, [0, 2]))
    sender.send(frame({"activation_std/b": [3, 4]}, [1, 2]))
    answer = reader.heatmap(sender.run_id, "activation_std")
    assert (answer["steps"], answer["values"]) == ([0, 1, 2], [[1.0, None, 2.0], [None, 3.0, 4.0]])


def test_a_parameter_statistic_is_that_of_the_largest_parameter(sender: Sender, reader: StorageReader) -> None:
    sender.send(frame({f"weight_std/{name}": [n] for n, name in enumerate(("a.bias", "a.weight", "b.bias"))}, [0]))
    answer = reader.heatmap(sender.run_id, "weight_std")
    assert (answer["layers"], answer["values"]) == (["a"], [[1.0]])


@pytest.mark.parametrize(
    ("statistic", "key", "expected"),
    [
        ("gradient_norm", "gradient_norm/a.weight", [9.0, 3.0]),
        ("update_ratio", "update_ratio/a.weight", [9.0, 3.0]),
        ("nonfinite_count", "nonfinite_count/a", [9.0, 3.0]),
        ("nonfinite_count", "nonfinite_count/a.weight", [9.0, 3.0]),
        ("activation_std", "activation_std/a", [5.0, 3.0]),
        ("eval/activation_std", "eval/activation_std/a", [5.0, 3.0]),
        ("weight_norm", "weight_norm/a.weight", [5.0, 3.0]),
    ],
)
def test_columns_keep_spikes_of_gradients_and_counts_and_average_the_rest(
    sender: Sender, reader: StorageReader, statistic: str, key: str, expected: list[float]
) -> None:
    sender.send(frame({key: [1, 9, 3, math.inf]}, [0, 1, 2, 3]))
    answer = reader.heatmap(sender.run_id, statistic, columns=2)
    assert (answer["steps"], answer["values"]) == ([0, 2], [expected])


def test_a_window_cuts_the_columns(sender: Sender, reader: StorageReader) -> None:
    sender.send(frame({"activation_std/a": range(10)}, range(10)))
    answer = reader.heatmap(sender.run_id, "activation_std", first_step=3, last_step=4)
    assert (answer["steps"], answer["values"]) == ([3, 4], [[3.0, 4.0]])


def test_a_statistic_without_values_gives_an_empty_map(sender: Sender, reader: StorageReader) -> None:
    assert reader.heatmap(sender.run_id, "weight_std") == {"layers": [], "steps": [], "values": []}


@pytest.mark.parametrize("statistic", ["loss", "learning_rate", "", "eval/"])
def test_what_is_no_statistic_of_layers_is_not_found(sender: Sender, reader: StorageReader, statistic: str) -> None:
    with pytest.raises(NotFound) as caught:
        reader.heatmap(sender.run_id, statistic)
    assert caught.value.code == "series_not_found"
