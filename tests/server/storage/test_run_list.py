"""The run list: filter, order, pages."""

import base64
import json

import pytest
from still_clock import Clock

from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.errors import InvalidCursor, InvalidSort
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.run_list import SORTS
from trainvitals_server.storage.store import Store


@pytest.fixture
def names(store: Store, clock: Clock) -> None:
    for n, (name, project, group, tags) in enumerate(
        [
            ("Alpha", "digits", None, ("x",)),
            ("beta_1", "digits", "sweep", ("x", "y")),
            ("gamma", "text", "sweep", ()),
            ("50% off", "text", None, ("y",)),
        ]
    ):
        store.create_run(NewRun(project, name, group=group, tags=tags, id=f"run{n}"))
        clock.now += 1
    store.heartbeat("run1", 10, 0)
    store.heartbeat("run2", 5, 0)
    store.set_status("run2", "finished")


def listed(reader: StorageReader, **query: object) -> list[str]:
    page = reader.runs(**query)  # type: ignore[arg-type]
    assert page["total"] == len(page["runs"])
    return [run["name"] for run in page["runs"]]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["50% off", "gamma", "beta_1", "Alpha"]),
        ({"sort": "created_at"}, ["Alpha", "beta_1", "gamma", "50% off"]),
        ({"sort": "-last_step"}, ["beta_1", "gamma", "50% off", "Alpha"]),
        ({"sort": "last_step"}, ["gamma", "beta_1", "Alpha", "50% off"]),
        ({"project": "digits"}, ["beta_1", "Alpha"]),
        ({"status": "finished"}, ["gamma"]),
        ({"tag": "y"}, ["50% off", "beta_1"]),
        ({"tag": "y", "project": "digits"}, ["beta_1"]),
        ({"group": "sweep"}, ["gamma", "beta_1"]),
        ({"search": "ALPH"}, ["Alpha"]),
        ({"search": "a_1"}, ["beta_1"]),
        ({"search": "%"}, ["50% off"]),
        ({"search": "sweep"}, ["gamma", "beta_1"]),
        ({"archived": True}, []),
        ({"tag": "a\x00"}, []),
    ],
)
def test_runs_are_filtered_and_ordered(reader: StorageReader, query: dict[str, object], expected: list[str]) -> None:
    assert listed(reader, **query) == expected


@pytest.mark.usefixtures("names")
def test_archived_runs_stand_apart(store: Store, reader: StorageReader) -> None:
    store.patch_run("run0", {"archived": True})
    assert listed(reader, archived=True) == ["Alpha"]
    assert "Alpha" not in listed(reader)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("sort", ["created_at", "-created_at", "last_step", "-last_step", "group", "-group", "project"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_joined_are_the_whole_list(reader: StorageReader, sort: str, limit: int) -> None:
    whole = [run["id"] for run in reader.runs(sort=sort)["runs"]]
    found: list[str] = []
    cursor = None
    while True:
        page = reader.runs(sort=sort, limit=limit, cursor=cursor)
        assert len(page["runs"]) <= limit and page["total"] == 4
        found += [run["id"] for run in page["runs"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole


@pytest.mark.usefixtures("names")
def test_a_cursor_of_another_sort_or_of_nobody_is_refused(reader: StorageReader) -> None:
    cursor = reader.runs(limit=1)["next_cursor"]
    for odd in (cursor, "nonsense", "é", "W10"):
        with pytest.raises(InvalidCursor):
            reader.runs(sort="name", cursor=odd)


def test_a_sort_by_no_field_names_those_there_are(reader: StorageReader) -> None:
    with pytest.raises(InvalidSort, match="created_at"):
        reader.runs(sort="-colour")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("sort", sorted(SORTS))
def test_pages_of_every_sort_show_each_run_once(reader: StorageReader, sort: str) -> None:
    for order in (sort, f"-{sort}"):
        found, cursor = [], None
        while True:
            page = reader.runs(sort=order, limit=1, cursor=cursor)
            found += [run["id"] for run in page["runs"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(found) == ["run0", "run1", "run2", "run3"]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("created_at", "yesterday"), ("created_at", None), ("created_at", float("nan")), ("name", 3), ("name", "\x00"),
        ("pinned", 1), ("last_step", 1.5), ("last_step", True), ("last_step", 2**70), ("id", None),
    ],
)  # fmt: skip
def test_a_cursor_that_was_never_given_is_refused(reader: StorageReader, sort: str, value: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([sort, value, "run0"]).encode()).decode()
    with pytest.raises(InvalidCursor):
        reader.runs(sort=sort, cursor=cursor)
