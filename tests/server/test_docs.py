"""Every route and setting has its heading in the docs."""

from pathlib import Path

from starlette.routing import Route, WebSocketRoute

from trainvitals_server.routing import find_routers
from trainvitals_server.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def headings(page):
    return {
        line.removeprefix("## ") for line in (DOCS / page).read_text("utf-8").splitlines() if line.startswith("## ")
    }


def test_every_route_has_a_heading():
    wanted = set()
    for router in find_routers():
        for route in router.routes:
            path = route.path.removeprefix("/api/v1").replace("{run_id}", "{id}")
            if isinstance(route, WebSocketRoute) or not isinstance(route, Route):
                wanted.add(f"WS {path}")
            elif path == "/login":
                wanted.add(path)
            else:
                wanted |= {f"{method} {path}" for method in route.methods}
    assert headings("api.md") == wanted | {"Errors"}


def test_every_setting_has_a_heading_and_a_description():
    assert headings("settings.md") == set(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())
