"""`trainvitals check` judges stored runs anew, by the rules of a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import trainvitals_migrations
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.engine import open_engine
from trainvitals_server.storage.store import Store
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report

NAN_AT = 50
LAYERS = tuple(
    {
        "name": f"blocks.{i}",
        "type": "Linear",
        "order": i,
        "output_shape": [32, 16],
        "parameters": [
            {
                "name": f"blocks.{i}.weight",
                "shape": [16, 16],
                "dtype": "float32",
                "trainable": True,
                "in_optimizer": True,
            }
        ],
    }
    for i in range(3)
)


def add_run(store: Store, name: str, loss: np.ndarray, std: float = 1.0) -> str:
    """A run of three reports with a loss and a std for each layer."""
    created = store.create_run(NewRun("digits", name))
    keys = ("loss", *(f"activation_std/blocks.{i}" for i in range(3)))
    for sequence, rows in enumerate(np.array_split(np.arange(len(loss)), 3), start=1):
        values = np.column_stack([loss[rows], *(np.full(len(rows), std) for _ in range(3))])
        frame = Frame(keys, rows.astype(np.int64), 1.7e9 + rows, values)
        report = Report(created.writer_id, sequence, frames=(frame,), layers=LAYERS if sequence == 1 else None)
        store.append(created.id, encode(report)).result()
    return created.id


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A healthy run and one whose loss becomes NaN, in a database that no server serves."""
    engine = open_engine(f"sqlite:///{tmp_path / 'runs.db'}")
    trainvitals_migrations.upgrade(engine)
    store = Store(engine)
    store.start()
    falling = 2.3 * np.exp(-np.arange(300) / 80)
    broken = np.where(np.arange(300) >= NAN_AT, np.nan, falling)
    yield {
        "well": add_run(store, "well", falling),
        "sick": add_run(store, "sick", broken),
        "loud": add_run(store, "loud", falling, std=3.1),
    }
    store.close()
    engine.dispose()


@pytest.fixture
def check(trainvitals, runs):
    """`check("well", "--json")`: the finished process."""

    def run(*arguments: str):
        return trainvitals("check", *arguments, "--database", "sqlite:///runs.db")

    return run


def verdict(done) -> dict:
    answer = json.loads(done.stdout)
    assert answer["version"] == 1
    return answer


def test_a_run_without_anything_critical_is_done(check) -> None:
    done = check("well")
    assert done.returncode == 0, done.stderr
    assert "No incidents." in done.stdout
    assert "not measured: pass criterion=" in done.stdout


def test_a_critical_run_is_the_answer_no(check) -> None:
    done = check("sick")
    assert done.returncode == 1, done.stderr
    assert "critical" in done.stdout
    assert str(NAN_AT) in done.stdout


def test_json_tells_all_of_several_runs(check, runs) -> None:
    done = check("well", runs["sick"], "--json")
    assert done.returncode == 1
    answer = verdict(done)
    assert (answer["critical"], answer["rules_file"]) == (True, None)
    well, sick = answer["runs"]
    assert set(sick) == {"run", "critical", "warnings", "incidents", "rules"}
    assert sick["run"] == {
        "id": runs["sick"],
        "project": "digits",
        "name": "sick",
        "status": "running",
        "last_step": 299,
    }
    assert (well["critical"], well["incidents"]) == (False, [])
    (incident,) = sick["incidents"]
    assert (incident["severity"], incident["first_step"]) == ("critical", NAN_AT)
    states = {rule["rule"]: rule for rule in well["rules"]}
    assert states["class_imbalance"]["state"] == "not_measured"
    assert states["activation_std"] == {"rule": "activation_std", "state": "quiet", "why": ""}


def test_a_rules_file_changes_the_verdict(check, tmp_path: Path) -> None:
    assert [w["rule"] for w in verdict(check("loud", "--json"))["runs"][0]["warnings"]] == ["activation_std"] * 2
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "version: 1\noverrides:\n- {layers: 'blocks.0', rules: {activation_std: {thresholds: {high: 4}}}}\n"
    )
    answer = verdict(check("loud", "--rules", str(rules), "--json"))
    assert answer["rules_file"] == str(rules)
    assert [w["layer"] for w in answer["runs"][0]["warnings"]] == ["blocks.1"]


def test_what_the_file_mutes_is_not_critical(check, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nmutes: [{rule: non_finite, reason: known}]")
    done = check("sick", "--rules", "rules.yaml", "--json")
    assert done.returncode == 0, done.stdout
    (warning,) = (w for w in verdict(done)["runs"][0]["warnings"] if w["rule"] == "non_finite")
    assert (warning["state"], warning["mute"]) == ("muted", {"id": None, "reason": "known"})


def test_a_run_is_known_by_the_beginning_of_its_id(check, runs) -> None:
    assert verdict(check(runs["well"][:-1], "--json"))["runs"][0]["run"]["name"] == "well"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "there is no run 'nobody'."),
        (["0"], "'0' may be any of "),
        (["well", "--rules", "missing.yaml"], "missing.yaml cannot be read"),
        (["well", "--rules", "bad.yaml"], "bad.yaml, line 3: rules has no rule 'dead_unit'; did you mean dead_units?"),
    ],
)
def test_what_cannot_be_told_has_exit_code_2_and_one_sentence(check, tmp_path: Path, arguments, message) -> None:
    (tmp_path / "bad.yaml").write_text("version: 1\nrules:\n  dead_unit: {}\n")
    done = check(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert message in line
