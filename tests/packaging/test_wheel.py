"""The wheel holds all that is needed and nothing that would get in others' way."""

from pathlib import Path

PACKAGES = {
    "trainvitals",
    "trainvitals_wire",
    "trainvitals_server",
    "trainvitals_command",
    "trainvitals_dashboards",
    "trainvitals_migrations",
}
ROOT = Path(__file__).resolve().parents[2]


def test_only_our_own_names_reach_site_packages(names_in_wheel: list[str]) -> None:
    top = {name.partition("/")[0] for name in names_in_wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


def test_every_package_says_that_it_is_typed(names_in_wheel: list[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names_in_wheel)


def test_the_assets_of_the_pages_are_in_it(names_in_wheel: list[str]) -> None:
    assets = ROOT / "dashboards" / "trainvitals_dashboards" / "assets"
    wanted = {f"trainvitals_dashboards/assets/{path.name}" for path in assets.iterdir() if path.is_file()}
    assert any(name.endswith(".js") for name in wanted)
    assert any(name.endswith(".css") for name in wanted)
    assert wanted <= set(names_in_wheel)


def test_the_schema_versions_are_in_it(names_in_wheel: list[str]) -> None:
    versions = ROOT / "migrations" / "trainvitals_migrations" / "versions"
    wanted = {f"trainvitals_migrations/versions/{path.name}" for path in versions.glob("*.py")}
    assert wanted
    assert {*wanted, "trainvitals_migrations/env.py"} <= set(names_in_wheel)


def test_nothing_but_packages_and_their_assets_is_in_it(names_in_wheel: list[str]) -> None:
    assert [name for name in names_in_wheel if "__pycache__" in name or "/tests/" in name] == []
