import numpy as np
import pytest
from sample_reader import SampleReader, gpt_run

from trainvitals_dashboards.chart_folder import all_charts
from trainvitals_dashboards.value_scale import logarithmic
from trainvitals_dashboards.view import View, parse


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.3, 0.1], False),
        ([2.3, 8e12], True),
        ([2.3, np.nan, np.inf, 0.5], False),
        ([5e-4, 2.3], True),
        ([-1.0, 2.3, 8e12], False),
        ([], False),
    ],
)
def test_the_axis_is_logarithmic_by_itself_beyond_three_orders_of_magnitude(values, expected) -> None:
    assert logarithmic(View(), [np.array(values, dtype=float)]) is expected


def test_a_choice_is_kept_where_a_logarithm_can_show_anything() -> None:
    assert logarithmic(View(scale="log"), [np.array([1.0, 2.0, -3.0])])
    assert not logarithmic(View(scale="log"), [np.array([-3.0, 0.0])])
    assert not logarithmic(View(scale="linear"), [np.array([1.0, 1e9])])


@pytest.mark.parametrize(("query", "axis"), [("", "log"), ("&scale=linear", None), ("&scale=nonsense", "log")])
def test_one_exploded_run_does_not_hide_the_others(query, axis) -> None:
    run = gpt_run("exploded", sick=False, steps=50)
    run.series["loss"][1][-5:] = 8e12
    reader = SampleReader(run, gpt_run("well", sick=False))
    for name in ("compare_loss", "compare"):
        chart = all_charts()[name].draw(reader, parse("runs=exploded,well&series=loss" + query))
        assert chart.layout.yaxis.type == axis
