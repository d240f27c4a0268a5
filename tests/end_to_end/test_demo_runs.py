"""The four runs of the demo come out right: two healthy without warnings, two sick with the right cause first."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training
STEPS = 120
RUN_LINE = re.compile(r"^(.+): (http://\S+/runs/(\w+))$", re.MULTILINE)
FIRST_CAUSES = {
    "cnn": None,
    "cnn, learning rate too high": "learning_rate_too_high",
    "gpt": None,
    "gpt, deep sigmoid stack": "vanishing_gradient",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The database that a short demo left, and what the demo printed."""
    database = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    options = ["--database", database, "--port", "0", "--steps", str(STEPS), "--exit-when-done"]
    command = [sys.executable, "-m", "trainvitals_command", "demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(database.removeprefix("sqlite:///")).parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return database, done.stdout


def test_it_prints_one_link_a_run_and_one_that_compares_them(demo) -> None:
    _, printed = demo
    links = RUN_LINE.findall(printed)
    assert [name for name, _, _ in links] == list(FIRST_CAUSES)
    assert printed.rstrip().endswith(f"/compare?runs={','.join(run_id for _, _, run_id in links)}")


def test_the_healthy_runs_have_no_warning_and_the_sick_ones_the_right_cause_first(demo, start_server) -> None:
    database, _ = demo
    server = start_server(database=database)
    runs = {run["name"]: run for run in server.get("runs", project="demo")["runs"]}
    assert set(runs) == set(FIRST_CAUSES)
    assert {name: run["last_step"] for name, run in runs.items()} == dict.fromkeys(FIRST_CAUSES, STEPS - 1)
    found = {name: first_cause(server.get(f"runs/{run['id']}/warnings")["incidents"]) for name, run in runs.items()}
    assert found == FIRST_CAUSES


def first_cause(incidents) -> str | None:
    """The likeliest cause of the worst incident; notes, which nobody is troubled with, do not count."""
    pressing = [incident for incident in incidents if incident["severity"] != "note"]
    return pressing[0]["causes"][0]["cause"] if pressing else None


def test_a_healthy_run_learns(demo, start_server) -> None:
    server = start_server(database=demo[0])
    for run in server.get("runs", project="demo", tag="healthy")["runs"]:
        series = server.get(f"runs/{run['id']}/data", key=["loss", "val_loss"], points=1000)["series"]
        for entry in series:
            assert entry["last"][-1] < 0.9 * entry["last"][0], (run["name"], entry["key"])
