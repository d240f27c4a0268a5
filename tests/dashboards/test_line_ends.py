import numpy as np
import pytest
from sample_reader import SampleReader, gpt_run

from trainvitals_dashboards import canvas
from trainvitals_dashboards.chart_folder import all_charts
from trainvitals_dashboards.line_ends import NAME_HEIGHT, PLOT_HEIGHT, LineEnd, name_ends
from trainvitals_dashboards.series_lines import Line
from trainvitals_dashboards.view import View, parse


def _end(name: str, values: list[float]) -> LineEnd:
    steps, y = np.arange(len(values), dtype=float), np.asarray(values, dtype=float)
    return LineEnd(Line("run", name, steps, steps, y, 0.0, False), y, name, "#56B4E9")


def _heights(ends: list[LineEnd], *, logarithmic: bool = False) -> dict[str, float]:
    chart = canvas.figure(View(), summary="")
    name_ends(chart, View(), ends, logarithmic=logarithmic)
    every = np.concatenate([np.log10(end.y) if logarithmic else end.y for end in ends])
    low, reach = float(every.min()), float(np.ptp(every))
    return {note.text: (note.y - low) / reach * PLOT_HEIGHT + note.yshift for note in chart.layout.annotations}


def test_names_of_lines_that_end_together_stand_above_each_other() -> None:
    heights = sorted(
        _heights(
            [_end(name, [4.0, 2.0, last]) for name, last in zip("abcd", [1, 1.01, 1.02, 1.0], strict=True)]
        ).values()
    )
    assert all(gap >= NAME_HEIGHT for gap in np.diff(heights))


def test_the_name_of_a_line_far_away_stays_at_its_line() -> None:
    heights = _heights([_end("low", [0.0, 0.0]), _end("high", [0.0, 10.0])])
    assert heights["high"] - heights["low"] == pytest.approx(PLOT_HEIGHT)


def test_a_line_that_ends_early_has_its_name_at_its_right() -> None:
    chart = canvas.figure(View(), summary="")
    name_ends(chart, View(), [_end("short", [1.0, 2.0]), _end("long", list(np.arange(1.0, 100)))])
    assert {note.text: note.xanchor for note in chart.layout.annotations} == {"short": "left", "long": "right"}


def test_a_line_without_a_finite_value_has_no_name() -> None:
    chart = canvas.figure(View(), summary="")
    name_ends(chart, View(), [_end("nan", [np.nan, np.nan])])
    assert not chart.layout.annotations


def test_on_a_logarithmic_axis_a_name_stands_at_the_logarithm() -> None:
    run = gpt_run("exploded", sick=False, steps=50)
    run.series["loss"][1][-5:] = 1e12
    chart = all_charts()["loss"].draw(SampleReader(run), parse("runs=exploded&smoothing=0"))
    train = next(note for note in chart.layout.annotations if note.text == "train")
    assert train.y == pytest.approx(12)
