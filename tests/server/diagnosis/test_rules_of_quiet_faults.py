"""Faults that leave a loss that falls all the same: what tells them, on hand-built reports."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.server.diagnosis.conftest import MakeReport, linear, parameter
from tests.server.diagnosis.test_rules_of_what_goes_in import CROSS_ENTROPY, SQUARED, fact, found, network, severities

from trainvitals_wire.histogram import Histogram, bucket_of
from trainvitals_wire.records import Fact, Layer

STEPS = 300
CLASSES = fact("criterion", CROSS_ENTROPY, type="CrossEntropyLoss")
SLOW = np.linspace(2.32, 2.0, STEPS)
DRAWN = 1 / math.sqrt(3 * 64)
"""The std of a linear layer's default initialisation from 64 inputs."""
PROJECTIONS = {"in_proj_weight": [192, 64], "out_proj.weight": [64, 64]}


@pytest.mark.parametrize(
    ("std", "loss", "worst"),
    [
        (DRAWN, SLOW, "warning"),
        (1.01 * DRAWN, SLOW, "warning"),
        (1.2 * DRAWN, SLOW, "note"),
        (DRAWN, np.linspace(2.32, 0.3, STEPS), "note"),
        (DRAWN, SLOW - 1.5, "note"),
    ],
    ids=["as drawn", "as drawn, by chance wider", "trained once", "random features that do", "a network that goes on"],
)
def test_layers_frozen_as_they_were_drawn_are_wrong_where_hardly_anything_is_learned(
    report: MakeReport, std: float, loss: Any, worst: str
) -> None:
    series = {"loss": loss, "weight_std/first.weight": np.full(STEPS, std)}
    told = report(series, layers=network(trainable=False), facts=[CLASSES])
    assert max(severities("frozen_parameters", told), key=["note", "warning"].index) == worst


@pytest.mark.parametrize(
    ("kind", "rows", "units", "std", "worst"),
    [
        ("GRU", 192, 64, 1.0, "warning"),
        ("LSTM", 256, 64, 1.0, "warning"),
        ("GRU", 192, 64, 1.2, "note"),
        ("GRU", 192, 16, 1.0, "note"),
        ("MultiheadAttention", 192, 64, 1.0, "note"),
    ],
    ids=["GRU", "LSTM", "trained once", "as linear layers are drawn", "a layer with another default"],
)
def test_recurrent_layers_are_drawn_by_their_units_whatever_their_inputs(
    report: MakeReport, kind: str, rows: int, units: int, std: float, worst: str
) -> None:
    encoder: Layer = {**linear("encoder", 0, 16, rows, trainable=False), "type": kind}
    series = {"loss": SLOW, "weight_std/encoder.weight": [std / math.sqrt(3 * units)] * STEPS}
    told = report(series, layers=[encoder, linear("out", 1, 64, 10)], facts=[CLASSES])
    assert max(severities("frozen_parameters", told), key=["note", "warning"].index) == worst


@pytest.mark.parametrize(
    ("draw", "offset", "fall", "worst"),
    [
        ("standard_normal", 0.0, 0.001, "warning"),
        ("standard_normal", 0.3, 0.001, "note"),
        ("standard_cauchy", 0.0, 0.001, "note"),
        ("standard_normal", 0.0, 0.004, "note"),
    ],
    ids=["random", "random about another mean", "heavy tails, as of words", "random features that do"],
)
def test_a_frozen_table_of_random_numbers_is_wrong_where_the_loss_creeps(
    report: MakeReport, draw: str, offset: float, fall: float, worst: str
) -> None:
    numbers = (getattr(np.random.default_rng(0), draw)(6400) + offset).astype(np.float32)
    buckets, counts = np.unique(bucket_of(numbers), return_counts=True)
    table: Layer = {**linear("table", 0, 64, 100, trainable=False), "type": "Embedding"}
    series = {"loss": 1.6 + 0.7 * np.exp(-np.arange(STEPS) / 50) - fall * np.maximum(0, np.arange(STEPS) - 100)}
    told = report(series, layers=[table, linear("out", 1, 64, 10)], facts=[CLASSES])
    drawn = replace(told, histograms=(Histogram("weight/table.weight", 10, 0.0, buckets, counts),))
    assert max(severities("frozen_parameters", drawn), key=["note", "warning"].index) == worst


@pytest.mark.parametrize(
    ("xavier", "positions", "worst"),
    [(1.0, "standard_normal", "warning"), (1.2, "standard_normal", "note"), (1.0, "standard_cauchy", "note")],
    ids=["as drawn", "trained once", "places that were learned"],
)
def test_attention_is_drawn_by_two_rules_and_positions_by_hand(
    report: MakeReport, xavier: float, positions: str, worst: str
) -> None:
    numbers = getattr(np.random.default_rng(0), positions)(512).astype(np.float32)
    buckets, counts = np.unique(bucket_of(numbers), return_counts=True)
    both = [parameter(f"attention.{name}", *shape, trainable=False) for name, shape in PROJECTIONS.items()]
    attention: Layer = {**linear("attention", 0), "type": "MultiheadAttention", "parameters": both}
    places = [parameter("encoder.position", 8, 64, trainable=False)]
    encoder: Layer = {**linear("encoder", 1), "type": "Encoder", "parameters": places}
    stds = {"in_proj_weight": xavier * math.sqrt(2 / (192 + 64)), "out_proj.weight": DRAWN}
    series = {"loss": SLOW} | {f"weight_std/attention.{name}": [std] * STEPS for name, std in stds.items()}
    told = report(series, layers=[attention, encoder, linear("out", 2, 64, 10)], facts=[CLASSES])
    drawn = replace(told, histograms=(Histogram("weight/encoder.position", 10, 0.0, buckets, counts),))
    assert max(severities("frozen_parameters", drawn), key=["note", "warning"].index) == worst


def test_one_frozen_layer_as_drawn_says_nothing_beside_one_that_was_trained(report: MakeReport) -> None:
    layers = [linear("a", 0, 64, 64, trainable=False), linear("b", 1, 64, 64, trainable=False), linear("out", 2, 64)]
    stds = {"weight_std/a.weight": [DRAWN] * STEPS, "weight_std/b.weight": [1.3 * DRAWN] * STEPS}
    told = report({"loss": SLOW} | stds, layers=layers, facts=[CLASSES])
    assert set(severities("frozen_parameters", told)) == {"note"}


@pytest.mark.parametrize(
    ("start", "std", "facts", "count"),
    [
        (10.5, 1.0, [CLASSES], 2),
        (2.4, 1.0, [CLASSES], 0),
        (10.5, 0.2, [CLASSES], 0),
        (10.5, 1.0, [fact("criterion", SQUARED | {"target_std": 1.0}, type="MSELoss")], 0),
    ],
    ids=["confident at random", "at chance", "weights as usual", "a squared error"],
)
def test_wide_weights_show_in_a_first_loss_far_above_chance(
    report: MakeReport, start: float, std: float, facts: list[Fact], count: int
) -> None:
    series = {
        "loss": [start],
        **{f"weight_std/{name}.weight": [std] for name in ("first", "second")},
        **{f"activation_std/{name}": [8.0] for name in ("first", "second")},
    }
    assert severities("initialisation", report(series, layers=network(), facts=facts)) == ["warning"] * count


def test_a_weight_that_is_the_embeddings_too_starts_as_embeddings_do(report: MakeReport) -> None:
    first, second, output = network()
    table: Layer = {**first, "name": "table", "type": "Embedding", "order": 0}
    series = {"loss": [10.5], "weight_std/first.weight": [1.0], "activation_std/first": [8.0]}
    for layers, count in (([first, second, output], 1), ([table, {**first, "order": 1}, second, output], 0)):
        assert len(found("initialisation", report(series, layers=layers, facts=[CLASSES]))) == count


@pytest.mark.parametrize(
    ("std", "clip_factor", "gradient", "count"),
    [(1.0, 1e-5, 3.0, 1), (1.0, 1.0, 3e5, 1), (1.0, 1.0, 3.0, 0), (0.125, 1e-5, 3.0, 0)],
    ids=["clipped", "not clipped", "a gradient as usual", "weights as usual"],
)
def test_a_recurrence_by_hand_that_is_far_too_wide_shows_in_the_first_gradient(
    report: MakeReport, std: float, clip_factor: float, gradient: float, count: int
) -> None:
    shapes = {"w_in": [200, 64], "w_state": [64, 64], "w_out": [64, 10]}
    matrices: Any = [{"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()]
    net: Layer = {"name": "Net", "type": "Net", "order": 0, "output_shape": [32, 10], "parameters": matrices}
    series = {
        "loss": [2.4],
        "gradient_clip_factor": [clip_factor],
        **{f"gradient_norm/{name}": [gradient / (1 + 9 * (name != "w_state"))] for name in shapes},
        **{f"weight_std/{name}": [std if name == "w_state" else 0.1] for name in shapes},
        **{f"weight_norm/{name}": [8.0] for name in shapes},
    }
    told = found("initialisation", report(series, layers=[net], facts=[CLASSES]))
    assert [(finding.causes[0].cause, finding.layer, severity) for finding, severity in told] == [
        ("bad_initialisation", "Net", "warning")
    ] * count


@pytest.mark.parametrize(
    ("kept", "late", "severity"),
    [(0.1, 0.6, "warning"), (0.6, 0.6, "note"), (0.1, 0.2, "note")],
    ids=["shrunk and stalled", "weights that hold", "learned"],
)
def test_decay_that_shrinks_the_weights_is_wrong_where_half_of_chance_is_left(
    report: MakeReport, kept: float, late: float, severity: str
) -> None:
    names = ("first", "second", "output")
    noise = 0.01 * np.random.default_rng(0).standard_normal(STEPS)
    series: dict[str, Any] = {"loss": late + noise + 2 * np.exp(-np.arange(STEPS) / 5)}
    for name in names:
        series[f"weight_decay_ratio/{name}.weight"] = np.full(STEPS, 3.0)
        series[f"weight_norm/{name}.weight"] = kept + (1 - kept) * np.exp(-np.arange(STEPS) / 30)
    squared = fact("criterion", SQUARED | {"target_std": 1.0}, type="MSELoss")
    told = found("over_regularised", report(series, layers=network(outputs=1), facts=[squared]))
    assert [found_severity for _, found_severity in told] == [severity]
