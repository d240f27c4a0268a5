"""Transformers without residual connections: what shows it, and what resembles it."""

import math

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear
from tests.server.diagnosis.test_rules_of_layers import layer, severities
from tests.server.diagnosis.test_rules_of_what_runs_away import AT, CROSS_ENTROPY, NOISE, STEPS

from trainvitals_wire.records import Fact, Layer


def block(name: str, kind: str, place: int) -> Layer:
    """A part of a transformer; norms have no weight matrix."""
    return layer(name, kind, place) if kind == "LayerNorm" else {**linear(name, place), "type": kind}


@pytest.mark.parametrize(
    ("blocks", "joins", "level", "said"),
    [
        pytest.param(8, 0, 2.1, ["warning"], id="plain"),
        pytest.param(8, 0, math.log(10), ["warning"], id="at chance"),
        pytest.param(8, 16, 2.1, [], id="residual"),
        pytest.param(2, 0, 2.1, [], id="two blocks"),
        pytest.param(8, 0, 0.3, ["note"], id="learned all the same"),
    ],
)
def test_attention_that_nothing_skips_makes_tokens_alike_in_a_few_layers(
    report: MakeReport, blocks: int, joins: int, level: float, said: list[str]
) -> None:
    kinds = ("MultiheadAttention", "LayerNorm", "Linear", "LayerNorm")
    layers = [block(f"b{i}.{part}", of, 4 * i + part) for i in range(blocks) for part, of in enumerate(kinds)]
    layers.append(linear("head", 4 * blocks))
    series = {
        "loss": level + (math.log(10) - level) * np.exp(-AT / 15.0) + 0.1 * NOISE,
        "output_variation": np.full(STEPS, 0.5),
        **{f"gradient_norm/b{i}.{part}.weight": np.ones(STEPS) for i in range(blocks) for part in (0, 2)},
    }
    wiring: Fact = {"kind": "wiring", "step": 0, "details": {"pairs": [], "linear": False, "joins": joins}}
    told = severities("degradation_with_depth", report(series, layers=layers, facts=[CROSS_ENTROPY, wiring]))
    assert told == said
