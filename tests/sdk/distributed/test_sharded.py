"""FSDP2: each rank holds a part of every parameter; the run shows the whole."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from distributed.conftest import Launched
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def norms(tensors: Floats) -> Floats:
    """The norm of each step's tensor [steps]."""
    return np.sqrt(np.square(tensors.reshape(len(tensors), -1)).sum(axis=1))


def truth(kept: Any, name: str) -> dict[str, Floats]:
    """The statistics of a whole parameter, from what the script gathered itself [steps]."""
    gradient, before, weight = (kept[f"{what}|{name}"].astype(np.float64) for what in ("gradient", "before", "weight"))
    axes = tuple(range(1, weight.ndim))
    return {
        "gradient_norm": norms(gradient),
        "gradient_mean": gradient.mean(axis=axes),
        "gradient_std": gradient.std(axis=axes),
        "weight_norm": norms(weight),
        "weight_mean": weight.mean(axis=axes),
        "weight_std": weight.std(axis=axes),
        "update_norm": norms(weight - before),
        "update_ratio": norms(weight - before) / norms(before),
    }


@pytest.fixture
def told(ranks: Launched, shared_server, eventually) -> Callable[[str], Floats]:
    """The stored values of a series, step by step."""
    run_id = ranks.told("sharded")[0]["id"]

    def values(key: str) -> Floats:
        def counts() -> dict[str, int]:
            return {entry["key"]: entry["count"] for entry in shared_server.get(f"runs/{run_id}/series")["series"]}

        # Ranks that sample apart, or a share that comes late, are merged some seconds after their step.
        eventually(lambda: counts().get(key) == 8)
        found = shared_server.get(f"runs/{run_id}/data", key=key)["series"][0]
        assert found["steps"] == list(range(8))
        return np.array(found["last"])

    return values


def test_a_sharded_parameter_has_the_statistics_of_the_whole(ranks: Launched, told) -> None:
    kept = ranks.kept("whole")[0]
    for name in ("0.weight", "0.bias", "2.weight", "2.bias"):
        for statistic, expected in truth(kept, name).items():
            # A small difference of large float32 weights carries their rounding.
            slack = 1e-4 if statistic.startswith("update") else 1e-5
            assert told(f"{statistic}/{name}") == pytest.approx(expected, rel=slack, abs=1e-7), (statistic, name)


def test_the_norm_over_all_gradients_is_that_of_all_shards(ranks: Launched, told) -> None:
    kept = ranks.kept("whole")[0]
    every = [norms(kept[key].astype(np.float64)) for key in kept if key.startswith("gradient|")]
    assert told("gradient_norm_total") == pytest.approx(np.sqrt(np.square(every).sum(axis=0)), rel=1e-5)


def test_layers_have_the_names_and_types_that_the_user_gave_them(ranks: Launched, shared_server) -> None:
    layers = shared_server.get(f"runs/{ranks.told('sharded')[0]['id']}/layers")["layers"]
    assert [(layer["name"], layer["type"]) for layer in layers] == [("0", "Linear"), ("1", "ReLU"), ("2", "Linear")]
    assert layers[0]["parameters"][0]["shape"] == [17, 8]
    assert ranks.told("sharded")[0]["dropped"] == {}
