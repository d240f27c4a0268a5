"""`trainvitals keys` decides who may talk to a running server."""

import httpx
import pytest


def runs(server, key: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.get(f"{server.url}/api/v1/runs", headers=headers).status_code


def test_from_the_first_key_on_every_request_must_show_one(start_server, trainvitals, eventually) -> None:
    server = start_server()
    assert runs(server) == 200
    first, second = (create(trainvitals, server, name) for name in ("first", "second"))
    eventually(lambda: runs(server) == 401)
    assert (runs(server, first), runs(server, second)) == (200, 200)
    assert trainvitals("keys", "revoke", "first", "--database", server.database).returncode == 0
    eventually(lambda: runs(server, first) == 401)
    assert runs(server, second) == 200


def create(trainvitals, server, name: str) -> str:
    """A new key."""
    done = trainvitals("keys", "create", name, "--database", server.database)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_list_shows_names_and_never_a_key(trainvitals) -> None:
    key = trainvitals("keys", "create", "Ada", "--database", "sqlite:///keys.db").stdout.strip()
    listed = trainvitals("keys", "list", "--database", "sqlite:///keys.db").stdout
    assert "Ada" in listed
    assert "active" in listed
    assert key not in listed


@pytest.mark.parametrize("key", ["nobody", ""])
def test_a_key_that_is_not_there_is_the_answer_no(trainvitals, key: str) -> None:
    done = trainvitals("keys", "revoke", key, "--database", "sqlite:///keys.db")
    assert done.returncode == 1
    assert "keys list" in done.stderr
