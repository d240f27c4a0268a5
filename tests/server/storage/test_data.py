"""`data` against a plain twin: a dictionary of step -> value, and loops."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_sender import START, Sender, frame

from trainvitals_server.storage.blocks import Block
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.frame import Frame
from trainvitals_wire.reader import NotFound

KEYS = ("loss", "accuracy", "activation_std/conv1")
same_database = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
value = st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf, 0.1])


@st.composite
def written(draw: st.DrawFn) -> list[tuple[list[int], dict[str, list[float]]]]:
    """Frames with some of the keys, at steps that repeat and come out of order."""
    frames = []
    for _ in range(draw(st.integers(1, 5))):
        steps = draw(st.lists(st.integers(0, 12) | st.integers(0, 2**53), min_size=1, max_size=8))
        keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
        row = st.lists(value, min_size=len(steps), max_size=len(steps))
        frames.append((steps, {key: draw(row) for key in keys}))
    return frames


def plain(number: float) -> float | None:
    return number if math.isfinite(number) else None


def bucket(steps: Sequence[int], values: Sequence[float]) -> dict[str, Any]:
    finite = [number for number in values if math.isfinite(number)]
    return {
        "steps": steps[0],
        "times": START + steps[0],
        "min": min(finite, default=None),
        "max": max(finite, default=None),
        "mean": math.fsum(number / len(finite) for number in finite) if finite else None,
        "last": plain(values[-1]),
        "count": len(values),
        "nonfinite": len(values) - len(finite),
    }


def twin(values: dict[int, float], first: int | None, last: int | None, points: int) -> list[dict[str, Any]]:
    steps = sorted(step for step in values if (first is None or step >= first) and (last is None or step <= last))
    width = max(1, math.ceil(len(steps) / points))
    groups = [steps[start : start + width] for start in range(0, len(steps), width)]
    return [bucket(group, [values[step] for step in group]) for group in groups]


@given(frames=written(), points=st.integers(1, 15), window=st.tuples(*[st.none() | st.integers(0, 13)] * 2))
@same_database
def test_data_is_what_a_dictionary_of_steps_would_give(
    store: Store,
    reader: StorageReader,
    frames: list[tuple[list[int], dict[str, list[float]]]],
    points: int,
    window: tuple[int | None, int | None],
) -> None:
    sender = Sender(store)
    last: dict[str, dict[int, float]] = {}
    logged = 0
    for steps, series in frames:
        sender.send(frame(series, steps))
        for key, values in series.items():
            last.setdefault(key, {}).update(zip(steps, values, strict=True))
            logged += len(steps)
    first_step, last_step = window
    answer = reader.data(sender.run_id, list(last), first_step=first_step, last_step=last_step, points=points)
    json.dumps(answer, allow_nan=False)
    for entry in answer["series"]:
        expected = twin(last[entry["key"]], first_step, last_step, points)
        for name in ("steps", "times", "min", "max", "last", "count", "nonfinite"):
            assert entry[name] == [item[name] for item in expected], name  # type: ignore[literal-required]
        means = [item["mean"] for item in expected]
        assert [mean is None for mean in entry["mean"]] == [mean is None for mean in means]
        for mean, right in zip(entry["mean"], means, strict=True):
            assert mean is None or mean == pytest.approx(right, rel=1e-9, abs=1e285)
    for known in reader.series(sender.run_id):
        values = last[known["key"]]
        assert (known["first_step"], known["last_step"], known["count"]) == (min(values), max(values), len(values))
        assert known["last_value"] == plain(values[max(values)])
    replaced = logged - sum(len(values) for values in last.values())
    assert reader.run(sender.run_id)["dropped"] == ({"replaced": replaced} if replaced else {})


def test_a_small_window_gives_each_step_exactly_as_logged(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1, 2], loss=[0.1, math.nan, 1e-300])
    (series,) = reader.data(sender.run_id, ["loss"], points=3)["series"]
    assert series["last"] == series["mean"] == series["min"] == [0.1, None, 1e-300]
    assert (series["count"], series["nonfinite"]) == ([1, 1, 1], [0, 1, 0])


def test_float32_statistics_come_back_as_the_same_numbers(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.send(frame({"activation_std/a": [0.1, 3.4e38]}, [0, 1], np.float32))
    (series,) = reader.data(sender.run_id, ["activation_std/a"])["series"]
    assert series["last"] == [float(np.float32(0.1)), float(np.float32(3.4e38))]


def test_a_huge_mean_stays_finite(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log(range(4), loss=[1.7e308] * 4)
    (series,) = reader.data(sender.run_id, ["loss"], points=1)["series"]
    assert series["mean"] == [pytest.approx(1.7e308)]


def test_a_later_frame_replaces_a_value_also_of_another_column_list(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[1.0, 2.0], accuracy=[0.0, 0.5])
    sender.log([1], loss=[3.0])
    (series,) = reader.data(sender.run_id, ["loss"])["series"]
    assert series["last"] == [1.0, 3.0]
    assert reader.run(sender.run_id)["dropped"] == {"replaced": 1}


def test_an_empty_window_has_no_buckets(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[1.0, 2.0])
    (series,) = reader.data(sender.run_id, ["loss"], first_step=5)["series"]
    assert (series["steps"], series["mean"], series["count"]) == ([], [], [])


def test_an_unknown_key_is_named(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0], loss=[1.0])
    with pytest.raises(NotFound, match="'lost'") as caught:
        reader.data(sender.run_id, ["loss", "lost"])
    assert caught.value.code == "series_not_found"


def test_an_unknown_run_is_named(reader: StorageReader) -> None:
    with pytest.raises(NotFound, match="'nobody'") as caught:
        reader.data("nobody", ["loss"])
    assert caught.value.code == "run_not_found"


def test_a_run_too_large_to_keep_decoded_reads_the_same(
    store: Store, reader: StorageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(store)
    for step in range(5):
        sender.log([step], loss=[float(step)], accuracy=[0.5])
    sender.log([2, 9], loss=[7.0, 8.0])
    ask = (
        lambda: reader.data(sender.run_id, ["loss"]),
        lambda: reader.series(sender.run_id),
        lambda: reader.run(sender.run_id),
    )
    kept = [question() for question in ask]
    monkeypatch.setattr("trainvitals_server.storage.recent.RECENT_RUN_BYTES_MAX", 0)
    assert [question() for question in ask] == kept
    assert [question() for question in ask] == kept
    assert reader.run(sender.run_id)["dropped"] == {"replaced": 1}


def test_a_run_made_again_under_its_old_id_shows_nothing_of_the_former(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[1.0, 2.0])
    reader.data(sender.run_id, ["loss"])
    store.delete_run(sender.run_id)
    again = Sender(store, NewRun("project", "name", id=sender.run_id))
    again.log([7], loss=[3.0])
    (series,) = reader.data(again.run_id, ["loss"])["series"]
    assert (series["steps"], series["last"]) == ([7], [3.0])


def test_a_read_that_breaks_half_way_is_forgotten(
    store: Store, reader: StorageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(store)
    sender.log([0, 1], loss=[1.0, 2.0])
    sender.log([2], loss=[3.0])

    def breaks(block: Block, frame: Frame, order: int) -> None:
        if order:
            raise OSError("connection lost")
        append(block, frame, order)

    append = Block.append
    monkeypatch.setattr(Block, "append", breaks)
    with pytest.raises(OSError, match="connection lost"):
        reader.data(sender.run_id, ["loss"])
    monkeypatch.undo()
    (series,) = reader.data(sender.run_id, ["loss"])["series"]
    assert series["last"] == [1.0, 2.0, 3.0]
    assert reader.run(sender.run_id)["dropped"] == {}
