"""How a process learns its rank, and the ranks one run."""

import json
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from torch import nn

import trainvitals as tv
from trainvitals import ranks
from trainvitals.meeting import Meeting
from trainvitals.ranks import Rank
from trainvitals.transport.contract import Request
from trainvitals.transport.memory import MemoryTransport

MASTER = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
REQUEST = Request("digits", "quick-heron-1", "own", environment={"host": "here", "process": 7, "python": "3"})


class Store:
    """A key-value store of torch.distributed, in one process."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def set(self, key: str, value: str) -> None:
        self.values[key] = value

    def get(self, key: str) -> bytes:
        return self.values[key].encode()

    def wait(self, keys: list[str], timeout: timedelta) -> None:
        if not set(keys) <= set(self.values):
            raise RuntimeError(f"nobody set {keys} within {timeout}")


def distributed(rank: int, count: int, *, initialised: bool = True) -> dict[str, Any]:
    """The loaded modules of a process with `torch.distributed`."""
    return {
        "torch.distributed": SimpleNamespace(
            is_available=lambda: True,
            is_initialized=lambda: initialised,
            get_rank=lambda: rank,
            get_world_size=lambda: count,
        )
    }


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"RANK": "1", "WORLD_SIZE": "2"}, None),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}, None),
        ({**MASTER, "RANK": "0", "WORLD_SIZE": "1"}, None),
        ({**MASTER, "RANK": "x", "WORLD_SIZE": "2"}, None),
        ({**MASTER, "RANK": "2", "WORLD_SIZE": "2"}, None),
        ({**MASTER, "RANK": "1", "WORLD_SIZE": "2"}, (1, 2)),
        ({**MASTER, "SLURM_PROCID": "3", "SLURM_NTASKS": "8"}, (3, 8)),
    ],
)
def test_the_launcher_tells_the_rank_of_one_training(variables: dict[str, str], expected: Any) -> None:
    found = ranks.find(variables, {})
    assert (found and (found.number, found.count)) == expected


def test_an_initialised_process_group_knows_best() -> None:
    found = ranks.find({**MASTER, "RANK": "0", "WORLD_SIZE": "4"}, distributed(1, 2))
    assert found is not None
    assert (found.number, found.count, found.leads) == (1, 2, False)
    assert ranks.find({**MASTER, "RANK": "1", "WORLD_SIZE": "2"}, distributed(0, 1)) is None
    early = ranks.find({**MASTER, "RANK": "1", "WORLD_SIZE": "2"}, distributed(0, 9, initialised=False))
    assert early is not None
    assert early.number == 1


def test_a_process_group_that_is_ill_is_no_reason_to_fail() -> None:
    def ill() -> bool:
        raise RuntimeError("no")

    broken = {"torch.distributed": SimpleNamespace(is_available=ill)}
    assert ranks.find({}, broken) is None
    assert ranks.store(broken) is None


def test_init_does_not_import_torch() -> None:
    code = (
        "import os, sys; import trainvitals as tv; run = tv.init(mode='offline', terminal='nothing'); run.finish();"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def meeting(rank: int, store: Any, number: int = 1, launch: str | None = None) -> Meeting:
    return Meeting(Rank(rank, 2, launch, "127.0.0.1:29500"), number, wait_seconds=0.01, store=lambda: store)


def test_the_others_join_the_run_that_rank_0_told_of() -> None:
    store = Store()
    led = meeting(0, store).led(REQUEST, named=False)
    assert (led.id, led.resume, led.environment["world_size"]) == ("own", "never", 2)
    meeting(0, store).publish("run", 40)
    joined = meeting(1, store).joining(REQUEST, named=False)
    assert joined is not None
    request, first_step = joined
    assert (request.id, request.resume, first_step) == ("run", "allow", 40)
    assert request.environment == {"rank1": {"host": "here", "process": 7}}


def test_each_init_of_a_script_has_a_meeting_of_its_own() -> None:
    store = Store()
    for number in (1, 2):
        meeting(0, store, number).publish(f"run{number}")
    joined = [meeting(1, store, number).joining(REQUEST, named=False) for number in (1, 2)]
    assert [found and found[0].id for found in joined] == ["run1", "run2"]


@pytest.mark.parametrize("store", [None, Store()])
def test_a_rank_that_learns_of_no_run_has_one_of_its_own(store: Any) -> None:
    alone = meeting(1, store)
    assert alone.joining(REQUEST, named=False) is None
    request = alone.alone(REQUEST, lambda: "new")
    assert (request.id, request.resume, request.group) == ("new", "never", "launch 127.0.0.1:29500")


def test_a_rank_0_that_failed_is_not_waited_for() -> None:
    store = Store()
    meeting(0, store).publish(None)
    assert json.loads(store.get("trainvitals/run/1"))["id"] is None
    assert meeting(1, store).joining(REQUEST, named=False) is None


def test_an_id_of_the_user_is_joined_once_rank_0_has_made_it() -> None:
    joined = meeting(1, None).joining(REQUEST, named=True)
    assert joined is not None
    assert (joined[0].id, joined[0].resume) == ("own", "must")


def test_torchrun_names_the_launch_and_its_restarts_alike() -> None:
    def at(path: str) -> Rank:
        variables = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "TORCHELASTIC_ERROR_FILE": path, **MASTER}
        found = ranks.find(variables, {})
        assert found is not None
        return found

    first, again, other = (
        at(f"/tmp/torchelastic_{name}/1/error.json") for name in ("a/x/attempt_0", "a/x/attempt_1", "b/x/attempt_0")
    )
    assert first.launch == again.launch != other.launch
    assert (first.restarted, again.restarted) == (False, True)
    ids = [Meeting(rank, 1, store=lambda: None).led(REQUEST, named=False).id for rank in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_over_several_machines_the_folder_of_one_says_nothing() -> None:
    variables = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", **MASTER}
    found = ranks.find({**variables, "TORCHELASTIC_ERROR_FILE": "/tmp/a/attempt_0/1/error.json"}, {})
    assert found is not None
    assert found.launch is None


def spawned(name: str, secret: bytes = b"one", parent: Any = True) -> dict[str, Any]:
    """The loaded modules of a process that `multiprocessing` started."""
    own = SimpleNamespace(name=name, authkey=secret)
    return {"multiprocessing": SimpleNamespace(parent_process=lambda: parent, current_process=lambda: own)}


def launch_of(rank: int, modules: dict[str, Any]) -> str | None:
    found = ranks.find({**MASTER, "RANK": str(rank), "WORLD_SIZE": "2"}, modules)
    assert found is not None
    return found.launch


def test_spawned_ranks_know_their_launch_from_the_next_one_and_from_another_family() -> None:
    first, second = launch_of(0, spawned("SpawnProcess-1")), launch_of(1, spawned("SpawnProcess-2"))
    assert first is not None and first == second
    others = [
        launch_of(0, spawned("SpawnProcess-3")),
        launch_of(0, spawned("SpawnProcess-1", b"two")),
        launch_of(0, spawned("SpawnProcess-1:1")),
        launch_of(0, spawned("SpawnProcess-2:1")),
    ]
    assert len({first, *others}) == 5


@pytest.mark.parametrize("modules", [{}, spawned("MainProcess", parent=None), spawned("my worker 1")])
def test_processes_of_the_users_own_names_have_no_launch(modules: dict[str, Any]) -> None:
    assert launch_of(0, modules) is None


def test_a_process_group_that_comes_after_init_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tv.init(project="late", transport=MemoryTransport()) as run:
        monkeypatch.setattr(ranks, "find", lambda: Rank(1, 2))
        for _ in range(2):
            run.watch(nn.Linear(2, 1))
    said = capsys.readouterr().err
    assert said.count("tv.init came before init_process_group") == 1 and "rank 1 of 2" in said


def test_a_store_that_is_gone_is_no_reason_to_fail() -> None:
    class Gone(Store):
        def set(self, key: str, value: str) -> None:
            raise RuntimeError("connection closed")

    meeting(0, Gone()).publish("run")
