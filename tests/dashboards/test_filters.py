"""The filters of the first convolution as a picture."""

import numpy as np
from sample_reader import SampleReader, SampleRun, detail, filters

from trainvitals_dashboards.charts.filters import draw
from trainvitals_dashboards.view import parse

READER = SampleReader(SampleRun(detail("r", "r"), facts=[filters("conv", step) for step in (0, 40, 400)]))


def test_each_filter_stands_in_its_place_with_a_gap_that_shows_the_page() -> None:
    image = np.asarray(draw(READER, parse("runs=r&layer=conv&step=0")).data[0].z)
    assert image.shape == (2 * 3 + 1, 4 * 3 + 3, 4)
    values = np.arange(135).reshape(5, 3, 3, 3)
    for place in range(5):
        top, left = place // 4 * 4, place % 4 * 4
        tile = image[top : top + 3, left : left + 3]
        assert np.array_equal(tile[:, :, :3], np.moveaxis(values[place], 0, -1))
        assert (tile[:, :, 3] == 255).all()
    assert (image[3, :, 3] == 0).all() and (image[:, 3, 3] == 0).all()
    assert (image[4:, 4:, 3] == 0).all()


def test_the_step_of_the_view_chooses_the_nearest_picture_and_the_newest_stands_first() -> None:
    chosen = {step: draw(READER, parse(f"runs=r&layer=conv{step}")).layout.meta["place"] for step in ("", "&step=30")}
    assert chosen == {"": 2, "&step=30": 1}
    assert "at step 400" in draw(READER, parse("runs=r&layer=conv")).layout.meta["summary"]
