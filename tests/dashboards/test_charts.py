import html
from pathlib import Path

import numpy as np
import pytest
from plotly.offline import get_plotlyjs_version
from sample_reader import SampleReader, SampleRun, detail, gpt_run

from trainvitals_dashboards import series_lines
from trainvitals_dashboards.canvas import LINE_LENGTH
from trainvitals_dashboards.chart_folder import all_charts
from trainvitals_dashboards.view import parse
from trainvitals_wire.reader import NotFound

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "dashboards" / "trainvitals_dashboards" / "assets"
VIEW = parse("runs=sick&layer=blocks.7.attn.qkv&series=loss,gradient_norm_total")


@pytest.mark.parametrize("name", sorted(all_charts()))
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_chart_draws_and_says_in_a_sentence_what_it_shows(reader, name, theme) -> None:
    chart = all_charts()[name].draw(reader, parse(f"runs=sick,healthy&series=loss&layer=blocks.0.ln_1&theme={theme}"))
    assert chart.data
    assert chart.layout.meta["summary"].endswith(".")


@pytest.mark.parametrize("name", sorted(all_charts()))
def test_every_chart_says_why_a_new_run_has_nothing_to_show(name) -> None:
    chart = all_charts()[name].draw(SampleReader(SampleRun(detail("new", "new"))), parse("runs=new"))
    assert not chart.data
    lines = chart.layout.annotations[0].text.split("<br>")
    assert " ".join(lines) == chart.layout.meta["summary"]
    assert all(len(line) <= LINE_LENGTH for line in lines)


@pytest.mark.parametrize("name", sorted(all_charts()))
def test_every_chart_of_an_unknown_run_says_so(reader, name) -> None:
    with pytest.raises(NotFound):
        all_charts()[name].draw(reader, parse("runs=nothing&series=loss"))


@pytest.mark.parametrize("name", sorted(all_charts()))
def test_every_chart_is_documented(name) -> None:
    assert f"\n## `{name}`\n" in (ROOT / "docs" / "charts.md").read_text(encoding="utf-8")


def test_the_shipped_plotly_is_of_the_version_that_python_speaks() -> None:
    first = sorted(path.name for path in ASSETS.glob("*.js"))[0]
    head = (ASSETS / first).read_text(encoding="utf-8")[:200]
    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}" in head


def test_traces_name_their_series(reader) -> None:
    chart = all_charts()["loss"].draw(reader, VIEW)
    told = [(trace.meta["run"], trace.meta["series"], trace.meta["reduce"]) for trace in chart.data]
    assert told == [("sick", "loss", "mean"), ("sick", "loss", "ema"), ("sick", "val_loss", "mean")]


def test_the_loss_marks_the_onset_of_each_incident_that_is_no_note(reader) -> None:
    chart = all_charts()["loss"].draw(reader, VIEW)
    assert sorted(shape.x0 for shape in chart.layout.shapes) == [40, 430, 640]
    words = " ".join(note.text for note in chart.layout.annotations)
    assert "Gradients exploding" in words and "Dead units" not in words


def test_the_heat_map_has_a_row_a_layer_and_names_the_series_of_each(reader) -> None:
    heatmap = all_charts()["layers"].draw(reader, VIEW).data[0]
    assert np.asarray(heatmap.z).shape == (60, len(heatmap.x))
    assert heatmap.meta["rows"][0] == "gradient_norm/blocks.0.ln_1.weight"
    assert heatmap.meta["layers"][36] == "blocks.7.attn.qkv"


def test_one_explosion_does_not_eat_the_contrast() -> None:
    run = gpt_run("spike", sick=False)
    _, values = run.series["gradient_norm/blocks.3.mlp.fc.weight"]
    values[-1] = 1e12
    heatmap = all_charts()["layers"].draw(SampleReader(run), parse("runs=spike")).data[0]
    assert heatmap.zmax < 2


def test_zero_and_missing_norms_are_gaps_not_minus_infinity() -> None:
    run = gpt_run("zeros", sick=False)
    run.series["gradient_norm/blocks.3.mlp.fc.weight"][1][:] = 0
    heatmap = all_charts()["layers"].draw(SampleReader(run), parse("runs=zeros")).data[0]
    assert np.isnan(np.asarray(heatmap.z)[18]).all()
    assert np.isfinite(np.asarray(heatmap.z)[17]).all()


def test_the_healthy_band_is_the_neutral_tone(reader) -> None:
    heatmap = all_charts()["layers"].draw(reader, parse("runs=sick&statistic=activation_std")).data[0]
    stops = dict(heatmap.colorscale)
    low, high = [stop for stop, colour in stops.items() if colour == "#2a323d"]
    reach = heatmap.zmax - heatmap.zmin
    assert heatmap.zmin + low * reach == pytest.approx(np.log10(0.5))
    assert heatmap.zmin + high * reach == pytest.approx(np.log10(2.0))


def test_the_x_axis_can_be_time(reader) -> None:
    chart = all_charts()["loss"].draw(reader, parse("runs=sick&axis=time"))
    assert chart.data[0].x[2] == pytest.approx(1 / 60)
    assert chart.layout.xaxis.title.text == "minutes since the start"


def test_a_zoom_reads_only_its_window(reader) -> None:
    chart = all_charts()["loss"].draw(reader, parse("runs=sick&zoom=100_200"))
    assert (chart.data[0].x[0], chart.data[0].x[-1]) == (100, 201)
    assert tuple(chart.layout.xaxis.range) == (100, 200)


def test_names_with_html_are_text_in_a_chart(reader) -> None:
    chart = all_charts()["compare_loss"].draw(reader, parse("runs=sick,healthy"))
    names = [trace.name for trace in chart.data] + [note.text for note in chart.layout.annotations]
    assert not any("<b>" in name for name in names)
    assert any(html.escape("<b>twin</b>") in name for name in names)


def test_smoothing_is_the_plain_average_corrected_for_its_start() -> None:
    values = np.array([1.0, 2.0, np.nan, 4.0])
    smoothed = series_lines.smooth(values, 0.5)
    weights = np.array([0.125, 0.25, 0.5])
    assert smoothed[0] == 1.0
    assert np.isnan(smoothed[2])
    assert smoothed[3] == pytest.approx((weights * [1, 2, 4]).sum() / weights.sum())


def test_a_value_that_is_not_finite_is_a_gap(reader) -> None:
    run = gpt_run("nan", sick=False, steps=50)
    run.series["loss"][1][10] = np.nan
    chart = all_charts()["loss"].draw(SampleReader(run), parse("runs=nan"))
    assert np.isnan(chart.data[0].y[10])
    assert '"NaN"' not in chart.to_json()


@pytest.mark.parametrize(("query", "step"), [("", 995), ("&step=0", 0), ("&step=501", 500), ("&step=99999", 995)])
def test_the_histogram_of_one_step_is_that_of_the_nearest_snapshot(reader, query, step) -> None:
    chart = all_charts()["histogram_step"].draw(reader, parse("runs=sick&layer=blocks.0.ln_1" + query))
    assert abs(chart.layout.meta["steps"][chart.layout.meta["place"]] - step) <= 5
    assert 80 < sum(chart.data[0].y) <= 100.01


def test_quantile_bands_lie_inside_one_another(reader) -> None:
    chart = all_charts()["quantiles"].draw(reader, VIEW)
    lines = {trace.name: np.asarray(trace.customdata) for trace in chart.data}
    for below, above in (("1%", "5%"), ("5%", "25%"), ("25%", "median"), ("median", "75%"), ("75%", "95%")):
        assert (lines[below] <= lines[above]).all()


@pytest.mark.parametrize("name", ["layers", "histogram", "quantiles"])
def test_what_is_known_by_step_alone_keeps_its_own_axis_beside_charts_of_time(reader, name) -> None:
    meta = all_charts()[name].draw(reader, parse("runs=sick&axis=time&layer=blocks.0.ln_1")).layout.meta
    assert (meta["axis"], meta["zoom"]) == ("step", False)
    assert meta["summary"].endswith(".")


def test_thousands_of_layers_get_wider_columns() -> None:
    asked: list[int] = []

    class Counting(SampleReader):
        def heatmap(self, *arguments, columns=500, **window):
            asked.append(columns)
            return super().heatmap(*arguments, columns=columns, **window)

    for count in (60, 2000):
        run = gpt_run("deep", sick=False, steps=20)
        run.layers = [{**run.layers[0], "name": f"layer{place}"} for place in range(count)]
        all_charts()["layers"].draw(Counting(run), parse("runs=deep"))
    assert asked == [400, 60]
