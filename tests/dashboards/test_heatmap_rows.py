from itertools import pairwise

import pytest
from sample_reader import SampleReader, gpt_run

from trainvitals_dashboards.chart_folder import all_charts
from trainvitals_dashboards.heatmap_rows import LABEL_PIXELS, chart_pixels, row_labels, shortened
from trainvitals_dashboards.view import parse

GPT = ["token", *(f"blocks.{block}.{part}" for block in range(12) for part in ("qkv", "proj", "fc", "out")), "head"]


def test_few_rows_all_have_their_names() -> None:
    assert [label.text for label in row_labels(GPT[:5], 150)] == GPT[:5]


def test_dense_rows_get_one_name_a_block_at_its_middle() -> None:
    labels = {label.text: label.place for label in row_labels(GPT, 480)}
    assert labels["blocks.3"] == 1 + 3 * 4 + 1.5
    assert list(labels)[:3] == ["token", "blocks.0", "blocks.1"]


@pytest.mark.parametrize("count", [1, 14, 60, 300, 2000])
def test_names_never_lie_over_each_other(count) -> None:
    names = [f"layers.{place // 3}.linear_{place % 3}" for place in range(count)]
    pixels = chart_pixels(count)
    places = [label.place for label in row_labels(names, pixels)]
    gaps = [(after - before) * pixels / count for before, after in pairwise(places)]
    assert places and all(gap >= LABEL_PIXELS for gap in gaps)


def test_rows_are_tall_enough_to_be_told_apart_and_the_chart_has_a_limit() -> None:
    assert chart_pixels(100) >= 700
    assert chart_pixels(2000) == chart_pixels(20_000) < 1000
    assert chart_pixels(0) > 200


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conv1", "conv1"),
        ("blocks.0.attention.query_key_value", "…query_key_value"),
        ("a_layer_of_one_part_that_is_long", "…one_part_that_is_long"),
        ("transformer.encoder.layers.11.fc", "…encoder.layers.11.fc"),
    ],
)
def test_long_names_keep_their_end(name, text) -> None:
    assert shortened(name) == text


def test_layers_that_are_named_by_numbers_stay_at_their_rows() -> None:
    run = gpt_run("numbers", sick=False, steps=50)
    chart = all_charts()["layers"].draw(SampleReader(run), parse("runs=numbers&layer=blocks.0.attn.qkv"))
    assert all(note.yref == "paper" for note in chart.layout.annotations)
    outline = next(shape for shape in chart.layout.shapes if shape.name == "selected")
    assert (outline.yref, outline.visible) == ("paper", True)
    assert outline.y0 == pytest.approx(1 - 1 / 60) and outline.y1 == pytest.approx(1 - 2 / 60)
    assert chart.data[0].y[1] == "blocks.0.attn.qkv"
