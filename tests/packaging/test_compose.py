"""docker-compose.yml is right as far as one can tell without Docker: its YAML, its secrets, its entry command."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from trainvitals_command.application import build_application

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def services() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert set(compose["volumes"]) == {"database"}
    services: dict[str, Any] = compose["services"]
    return services


def test_both_services_tell_their_health(services: dict[str, Any]) -> None:
    assert set(services) == {"server", "database"}
    assert all(service["healthcheck"]["test"] for service in services.values())
    assert services["server"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_no_password_has_a_default(services: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("POSTGRES_PASSWORD", "TRAINVITALS_API_KEY"):
        uses = re.findall(r"\$\{" + name + r"(.)", text)
        assert uses
        assert set(uses) == {":"}
        assert f"${{{name}:-" not in text
        assert f"${{{name}:?" in text


def test_the_database_outlives_its_container(services: dict[str, Any]) -> None:
    assert services["database"]["volumes"] == ["database:/var/lib/postgresql/data"]


def test_only_this_machine_reaches_the_published_port(services: dict[str, Any]) -> None:
    assert services["server"]["ports"] == ["127.0.0.1:8765:8765"]


def test_the_entry_command_is_one_that_the_command_line_knows(services: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["trainvitals"]' in dockerfile
    command = services["server"]["command"]
    answer = CliRunner().invoke(build_application(), [*command, "--help"])
    assert answer.exit_code == 0, answer.output
    assert {option for option in command if option.startswith("--")} <= set(re.findall(r"--[\w-]+", answer.output))


def test_the_image_holds_every_package(services: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for folder in ("client_sdk", "server", "dashboards", "migrations"):
        assert f"COPY {folder} {folder}" in dockerfile
