"""The first code that a newcomer pastes works as it stands: that of the README and that of the empty run list."""

import re
from pathlib import Path

import httpx
import pytest

from trainvitals_dashboards.panels.first_steps import example

pytestmark = pytest.mark.training
ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_code_of_the_empty_run_list_makes_a_run_appear(shared_server, run_script) -> None:
    run = new_run(shared_server, run_script, example(shared_server.url))
    assert (run["project"], run["status"], run["last_step"]) == ("first-steps", "finished", 499)
    assert {"loss", "activation_std/0", "gradient_norm/0.weight"} <= keys(shared_server, run["id"])
    assert httpx.get(run["url"]).status_code == 200


def test_the_code_of_the_readme_makes_a_run_appear(shared_server, run_script) -> None:
    (code, *_) = CODE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    run = new_run(shared_server, run_script, code)
    assert run["status"] == "finished"
    assert {"loss", "learning_rate", "gradient_norm_total"} <= keys(shared_server, run["id"])


def test_the_example_learns_the_digits(shared_server, run_script) -> None:
    run = new_run(shared_server, run_script, (ROOT / "examples" / "digits.py").read_text(encoding="utf-8"))
    assert (run["project"], run["status"], run["tags"]) == ("digits", "finished", ["example"])
    assert run["summary"]["val/accuracy"]["last"] > 0.9
    assert run["warnings"]["critical"] + run["warnings"]["warning"] == 0


def new_run(server, run_script, code: str):
    """The run that a script makes."""
    before = {run["id"] for run in server.get("runs")["runs"]}
    run_script(code, server).finish()
    (run,) = (run for run in server.get("runs")["runs"] if run["id"] not in before)
    return run


def keys(server, run_id: str) -> set[str]:
    """The series of a run."""
    return {entry["key"] for entry in server.get(f"runs/{run_id}/series")["series"]}
