"""Before, during and after compaction every question has the same answer: that of a plain twin."""

import contextlib
import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_sender import Sender, frame
from sqlalchemy import Engine, func, select
from twin import Twin, Written, check_curve, plain, written

from trainvitals_server.storage import chunks, cold, pyramid, stretch, tiers
from trainvitals_server.storage.bounds import BOUNDS
from trainvitals_server.storage.claim import Claim, Superseded
from trainvitals_server.storage.compaction import compact
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.pieces import PIECE
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_server.storage.tiers import join
from trainvitals_server.tables import Axis, Chunk, Frame
from trainvitals_wire.records import Layer

SMALL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The structure of a million steps in some thirty."""
    monkeypatch.setattr(pyramid, "LEVELS", (2, 4, 8))
    monkeypatch.setattr(cold, "LEVELS", (2, 4, 8))
    monkeypatch.setattr(stretch, "POINTS_MAX", 16)
    monkeypatch.setattr(tiers, "FAN", 4)


def rows(engine: Engine, table: type[Frame] | type[Chunk] | type[Axis], run_id: str) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table).where(table.run_id == run_id)).scalar() or 0


windows = st.tuples(*[st.none() | st.integers(0, 40)] * 2)
written_steps = written(st.integers(0, 40) | st.sampled_from([10**12, 2**53]))
acts = st.lists(written_steps | st.sampled_from(["compact", "compact but the last"]), min_size=1, max_size=10)


def check(reader: StorageReader, run_id: str, twin: Twin, points: int, window: tuple[int | None, int | None]) -> None:
    first, last = window
    keys = list(twin.values)
    answer = reader.data(run_id, keys, first_step=first, last_step=last, points=points)
    for entry in answer["series"]:
        check_curve(entry, twin.window(entry["key"], first, last), points)
    for known in reader.series(run_id):
        values = twin.values[known["key"]]
        assert (known["first_step"], known["last_step"], known["count"]) == (min(values), max(values), len(values))
        assert known["last_value"] == plain(values[max(values)])
    assert reader.run(run_id)["dropped"].get("replaced", 0) == twin.replaced


@given(acts=acts, points=st.integers(1, 15), window=windows)
@SMALL
def test_compacted_or_not_data_is_what_a_dictionary_would_give(
    store: Store, reader: StorageReader, acts: list[Written | str], points: int, window: tuple[int | None, int | None]
) -> None:
    sender, twin = Sender(store), Twin()
    for act in acts:
        if isinstance(act, str):
            compact(store.engine, sender.run_id, keep_reports=act == "compact but the last")
        else:
            sender.send(frame(act[1], act[0]))
            twin.log(act)
        check(reader, sender.run_id, twin, points, window)


@given(
    acts=acts,
    points=st.integers(1, 15),
    window=windows,
    broken=st.integers(0, 12),
)
@SMALL
def test_while_a_pass_goes_on_and_after_it_broke_off_nothing_changes(
    store: Store,
    reader: StorageReader,
    acts: list[Written | str],
    points: int,
    window: tuple[int | None, int | None],
    broken: int,
) -> None:
    sender, twin, breaths = Sender(store), Twin(), itertools.count()

    def breathe() -> None:
        if twin.values:
            check(reader, sender.run_id, twin, points, window)
        if next(breaths) == broken:
            raise _Broken

    for act in acts:
        with contextlib.suppress(_Broken):
            if isinstance(act, str):
                compact(store.engine, sender.run_id, breathe=breathe)
                join(store.engine, sender.run_id, all_small=act == "compact", breathe=breathe)
            else:
                sender.send(frame(act[1], act[0]))
                twin.log(act)
        check(reader, sender.run_id, twin, points, window)
    compact(store.engine, sender.run_id)
    check(reader, sender.run_id, twin, points, window)
    assert rows(store.engine, Frame, sender.run_id) == 0


class _Broken(Exception):
    """The process ended here."""


def test_points_lie_in_few_full_chunks_however_they_came(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    for step in range(40):
        sender.log([step], loss=[0.5])
        compact(engine, sender.run_id)
        while join(engine, sender.run_id):
            pass
    with engine.connect() as connection:
        sizes = connection.execute(select(Chunk.size).order_by(Chunk.first_step)).scalars().all()
    assert sizes[:2] == [16, 16] and sum(sizes) == 40 and len(sizes) <= 6
    assert rows(engine, Axis, sender.run_id) == len(sizes)
    join(engine, sender.run_id, all_small=True)
    assert rows(engine, Chunk, sender.run_id) == 3


def test_series_logged_together_share_their_steps_and_times(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.log(range(8), loss=range(8), accuracy=range(8))
    sender.log(range(4), other=range(4))
    compact(engine, sender.run_id)
    assert (rows(engine, Chunk, sender.run_id), rows(engine, Axis, sender.run_id)) == (3, 2)


def test_a_retry_after_compaction_is_still_refused(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store)
    report = sender.report(frame({"loss": [1.0, 2.0]}, [0, 1]))
    assert sender.resend(report).stored
    compact(engine, sender.run_id)
    assert not sender.resend(report).stored
    assert reader.run(sender.run_id)["dropped"] == {}


def test_a_pass_of_another_server_fences_this_one_off(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log(range(20), loss=range(20), accuracy=range(20))
    ours = Claim(engine, sender.run_id)
    ours.give_up()
    assert compact(engine, sender.run_id) == 1
    with pytest.raises(Superseded), ours.transaction():
        pass
    (series,) = reader.data(sender.run_id, ["loss"])["series"]
    assert series["last"] == list(range(20))


def test_a_run_deleted_during_a_pass_leaves_nothing_behind(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.log(range(20), loss=range(20))
    store.delete_run(sender.run_id)
    with pytest.raises(Superseded):
        Claim(engine, sender.run_id)
    assert rows(engine, Chunk, sender.run_id) == 0


def test_numbers_that_float32_holds_take_half_the_room(store: Store, engine: Engine, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log(range(8), whole=range(8), thirds=[n / 3 for n in range(8)])
    compact(engine, sender.run_id)
    with engine.connect() as connection:
        sizes = connection.execute(select(func.length(Chunk.values)).order_by(Chunk.series_id)).scalars().all()
    assert sizes[1] - sizes[0] == 8 * 4
    thirds = reader.data(sender.run_id, ["thirds"])["series"][0]["last"]
    assert thirds == [n / 3 for n in range(8)]


def test_reports_give_back_every_number_in_its_column_list(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.send(frame({"b": range(6), "a": range(6)}, range(6)), facts=({"kind": "optimizer", "step": 3},))
    sender.log([2, 4], c=[math.nan, 7.0])
    compact(engine, sender.run_id)
    sender.log([6], b=[6.0], a=[6.0])
    found = list(store.reports(sender.run_id))
    assert [frame.keys for report in found for frame in report.frames] == [("c",), ("b", "a"), ("b", "a")]
    assert [fact["kind"] for report in found for fact in report.facts] == ["optimizer"]
    first = next(frame for report in found for frame in report.frames if frame.keys == ("b", "a"))
    assert (first.steps.tolist(), first.values[:, 1].tolist()) == (list(range(6)), list(range(6)))
    hot = [frame.keys for report in store.reports(sender.run_id, compacted=False) for frame in report.frames]
    assert hot == [("b", "a")]


def test_reports_give_long_chunks_back_piece_by_piece(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "POINTS_MAX", 65_536)
    monkeypatch.setattr(chunks, "PARTS_NAMED_MAX", 2)
    sender, steps = Sender(store), range(2 * PIECE + 3)
    # Constant, noisy and wide numbers: their pieces lie at different places.
    sender.log(steps, a=[1.0] * len(steps), b=[step**2 % 997 for step in steps], c=[step / 3 for step in steps])
    compact(store.engine, sender.run_id)
    found = [frame for report in store.reports(sender.run_id) for frame in report.frames]
    assert {frame.keys for frame in found} == {("a", "b", "c")}
    assert np.concatenate([frame.steps for frame in found]).tolist() == list(steps)
    values = np.concatenate([frame.values for frame in found])
    assert values[:, 1].tolist() == [step**2 % 997 for step in steps]
    assert values[:, 2].tolist() == [step / 3 for step in steps]


def test_reports_give_series_of_different_rates_back_as_they_were_trained(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.log(range(300), loss=[1.0] * 300)
    sender.log(range(0, 300, 15), seldom=[2.0] * 20)
    compact(engine, sender.run_id)
    found = [frame for report in store.reports(sender.run_id) for frame in report.frames]
    assert sum(len(frame.steps) for frame in found if frame.keys == ("seldom",)) == 20
    stretches = [np.unique(np.searchsorted(BOUNDS, frame.steps, "right")).tolist() for frame in found]
    assert all(len(numbers) == 1 for numbers in stretches)
    assert stretches == sorted(stretches)


def test_a_viewer_whose_frames_became_chunks_fetches_again(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    for step in range(4):
        sender.log([step], loss=[step])
    compact(engine, sender.run_id, keep_reports=2)
    afresh = Store(engine)
    assert afresh.since(sender.run_id, 1, ["loss"]) is None
    assert afresh.since(sender.run_id, 2, ["loss"]) is not None
    assert store.since(sender.run_id, 1, ["loss"]) is not None, "memory still knows"


@pytest.mark.parametrize("named", [1, 200])
def test_several_runs_are_read_together(
    store: Store, engine: Engine, reader: StorageReader, monkeypatch: pytest.MonkeyPatch, named: int
) -> None:
    monkeypatch.setattr("trainvitals_server.storage.cold.RUNS_NAMED_MAX", named)
    senders = [Sender(store) for _ in range(4)]
    for number, sender in enumerate(senders[:3]):
        sender.log(range(40), loss=[number] * 40)
        compact(engine, sender.run_id, keep_reports=number % 2)
    senders[1].log([40], other=[1.0])
    answer = reader.data_of_runs([sender.run_id for sender in senders], ["loss", "other"], points=5)
    means = [[(part["key"], part["mean"]) for part in answer[sender.run_id]["series"]] for sender in senders]
    assert means == [[("loss", [0.0] * 5)], [("loss", [1.0] * 5), ("other", [1.0])], [("loss", [2.0] * 5)], []]


@given(data=st.data(), columns=st.integers(1, 6), window=windows)
@SMALL
def test_a_heat_map_has_the_same_cells_before_and_after_compaction(
    store: Store, reader: StorageReader, data: st.DataObject, columns: int, window: tuple[int | None, int | None]
) -> None:
    layers = [Layer(name=name, type="Linear", order=0, output_shape=None, parameters=[]) for name in "abc"]
    sender = Sender(store, NewRun("project", "name", layers=tuple(layers)))
    twin: dict[str, dict[int, float]] = {}
    for _ in range(data.draw(st.integers(1, 4))):
        first, count = data.draw(st.integers(0, 20)), data.draw(st.integers(1, 40))
        names = data.draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
        numbers = [float(n % 7) for n in range(count)]
        numbers[0] = data.draw(st.sampled_from([math.nan, math.inf, 100.0]))
        steps = list(range(first, first + count))
        sender.send(frame({f"activation_std/{name}": numbers for name in names}, steps))
        for name in names:
            twin.setdefault(name, {}).update(zip(steps, numbers, strict=True))
        if data.draw(st.booleans()):
            compact(store.engine, sender.run_id)
    first_step, last_step = window
    answer = reader.heatmap(
        sender.run_id, "activation_std", first_step=first_step, last_step=last_step, columns=columns
    )
    low, high = first_step or 0, 10**6 if last_step is None else last_step
    bounds = [*answer["steps"], high + 1]
    every = {step for values in twin.values() for step in values if low <= step <= high}
    assert len(answer["steps"]) <= columns
    assert answer["steps"][:1] == sorted(every)[:1]
    for name, row in zip(answer["layers"], answer["values"], strict=True):
        for number, cell in enumerate(row):
            inside = [x for step, x in twin[name].items() if bounds[number] <= step < bounds[number + 1]]
            finite = [x for x in inside if math.isfinite(x)]
            assert cell == (pytest.approx(sum(finite) / len(finite)) if finite else None)


def test_keys_logged_once_and_series_logged_seldom_stay_small(store: Store, engine: Engine) -> None:
    sender = Sender(store)
    sender.send(*(frame({f"once/{n}": [0.5]}, [10**12 + n]) for n in range(300)))
    for first in range(5):
        sender.log(range(8 * first, 8 * first + 8), seldom=range(8))
        compact(engine, sender.run_id)
        while join(engine, sender.run_id):
            pass
    with engine.connect() as connection:
        blobs = (Chunk.summary, Chunk.coarse, Chunk.middle, Chunk.fine, Chunk.values)
        size = sum((func.coalesce(func.length(blob), 0) for blob in blobs), start=0)
        of_chunks = connection.execute(select(func.max(size)).where(Chunk.size == 1)).scalar() or 0
        of_axes = connection.execute(select(func.max(func.length(Axis.steps) + func.length(Axis.times)))).scalar() or 0
    assert 0 < of_chunks <= 72 + 16
    assert 0 < of_axes <= 2 * (8 + 1 + 8) + 16 * 8 * 2
    assert rows(engine, Chunk, sender.run_id) <= 300 + 5
