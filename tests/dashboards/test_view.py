import pytest

from trainvitals_dashboards.view import View, parse


def test_a_whole_view_is_read_from_its_query() -> None:
    view = parse(
        "?runs=a,b&layer=x.1&statistic=update_ratio&family=weight&smoothing=0.6&axis=time&zoom=1.5_3&series=l&scale=log&step=7"
    )
    assert view == View(("a", "b"), "x.1", "update_ratio", "weight", ("l",), 0.6, "time", "log", (1.5, 3.0), 7)


@pytest.mark.parametrize(
    "query",
    ["smoothing=x", "smoothing=1", "smoothing=nan", "axis=9", "scale=9", "step=x", "step=-1", "zoom=5", "zoom=9_1"],
)
def test_what_cannot_be_read_falls_back_so_that_an_old_link_opens(query) -> None:
    assert parse(query) == View()


def test_the_window_of_steps_follows_the_zoom_of_steps_only() -> None:
    assert parse("zoom=10_20").step_window == (10, 21)
    assert parse("zoom=10_20&axis=time").step_window == (None, None)
