"""The command line as a whole: help, wrong use, and what to install."""

import sys

import pytest

from trainvitals_command import entry

COMMANDS = ["check", "demo", "keys", "serve", "sync", "upgrade"]


def test_the_help_lists_every_command(trainvitals) -> None:
    done = trainvitals("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(trainvitals, command: str) -> None:
    done = trainvitals(command, "--help")
    assert done.returncode == 0
    assert f"trainvitals {command}" in done.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["sync"]])
def test_wrong_use_has_exit_code_2(trainvitals, arguments: list[str]) -> None:
    done = trainvitals(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("package", "advice"),
    [
        ("torch", "pip install torch"),
        ("sklearn", "pip install scikit-learn"),
        ("psycopg", 'pip install "trainvitals[server,postgres]"'),
        ("uvicorn", 'pip install "trainvitals[server]"'),
    ],
)
def test_a_missing_package_is_named_with_its_remedy(monkeypatch, capsys, package: str, advice: str) -> None:
    def run(arguments: list[str]) -> int:
        raise ModuleNotFoundError(f"No module named {package!r}", name=f"{package}.inner")

    monkeypatch.setattr(entry, "_run", run)
    monkeypatch.setattr(sys, "argv", ["trainvitals", "demo"])
    assert entry.main() == 2
    assert capsys.readouterr().err.strip().endswith(advice)


def test_a_missing_module_of_our_own_is_a_fault_and_not_advice(monkeypatch) -> None:
    def run(arguments: list[str]) -> int:
        raise ModuleNotFoundError("No module named 'trainvitals_server.lost'", name="trainvitals_server.lost")

    monkeypatch.setattr(entry, "_run", run)
    with pytest.raises(ModuleNotFoundError):
        entry.main()
