"""Every rule, chart, setting, route and command has its heading, and every public name is explained."""

import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI
from source_tree import ROOT, relative, tracked_files

import trainvitals
from trainvitals_command import commands
from trainvitals_dashboards import charts
from trainvitals_server.diagnosis import rules
from trainvitals_server.routing import add_routes
from trainvitals_server.settings import Settings

HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@cache
def headings(page: str) -> str:
    """The headings of a page of `docs/`, without the marks of code, one a line."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    outside_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join(HEADING.findall(outside_code)).replace("`", "")


def files_of(package) -> list[str]:
    """The names of a folder of equals."""
    (folder,) = package.__path__
    return sorted(path.stem for path in Path(folder).glob("*.py") if not path.stem.startswith("_"))


def without_heading(names: list[str], page: str) -> list[str]:
    assert names
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", headings(page))]


@pytest.mark.parametrize(
    ("package", "page"), [(rules, "rules.md"), (charts, "charts.md"), (commands, "command-line.md")]
)
def test_every_file_of_a_folder_of_equals_has_its_heading(package, page: str) -> None:
    assert without_heading(files_of(package), page) == []


def test_every_setting_has_its_heading() -> None:
    assert without_heading(list(Settings.model_fields), "settings.md") == []
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"TRAINVITALS_{name.upper()}" not in text] == []


def test_every_route_has_its_heading() -> None:
    found = re.sub(r"\{\w+\}", "{}", headings("api.md")).replace("/api/v1", "")
    missing = [
        f"{method} {path}"
        for method, path in routes()
        if not re.search(rf"{method}\b.*{re.escape(path)}(?![\w/{{])", found)
    ]
    assert missing == []


def routes() -> list[tuple[str, str]]:
    """Method and path of every route of the contract."""
    application = FastAPI()
    add_routes(application)
    paths = application.openapi()["paths"]
    found = [(method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, methods in paths.items() for method in methods]
    assert len(found) > 10
    return [(method, path.removeprefix("/api/v1")) for method, path in found]


def test_every_public_name_is_documented() -> None:
    page = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
    assert [name for name in trainvitals.__all__ if not inspect.getdoc(getattr(trainvitals, name))] == []
    assert [name for name in trainvitals.__all__ if not re.search(rf"\b{name}\b", page)] == []


def test_no_link_between_the_pages_is_dead() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    dead = {
        relative(page): broken
        for page in pages
        if (broken := [to for to in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / to).exists()])
    }
    assert dead == {}
