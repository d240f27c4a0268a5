"""What a browser may do with our answers."""

import pytest


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/runs", "/nothing", "/login", "/api/v1/runs?x=1"])
def test_every_answer_carries_them_refusals_too(talk, path):
    async def conversation(client):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["connect-src"] == "'self'"
        assert policy["default-src"] == "'self'"

    talk(conversation)


def test_the_pages_inline_scripts_are_allowed_by_their_hash_alone(talk, make_app):
    app = make_app(script_hashes=["'sha256-aaa'"])

    async def conversation(client):
        policy = (await client.get("/healthz")).headers["content-security-policy"]
        assert "script-src 'self' 'sha256-aaa';" in policy
        app.state.script_hashes = ("'sha256-bbb'",)
        policy = (await client.get("/healthz")).headers["content-security-policy"]
        assert "script-src 'self' 'sha256-bbb';" in policy

    talk(conversation, app=app)
