"""Who may do what, with and without keys."""

import pytest

KEY = "correct horse battery"
HTML = {"accept": "text/html"}


def bearer(key=KEY):
    return {"authorization": f"Bearer {key}"}


WITH_KEY = {"api_key": KEY}
PROTECTED = ["/api/v1/runs", "/api/v1/nothing", "/metrics", "/", "/runs/x", "/_dash-layout", "/assets/live.js"]


@pytest.mark.parametrize("path", PROTECTED)
def test_everything_but_health_and_login_asks_for_the_key(talk, path):
    async def conversation(client):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "missing_api_key"
        assert "Bearer" in answer.json()["error"]["hint"]
        wrong = await client.get(path, headers=bearer("wrong"))
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")
        assert (await client.get(path, headers=bearer())).status_code != 401

    talk(conversation, settings=WITH_KEY)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login"])
def test_health_and_login_are_open_to_all(talk, path):
    async def conversation(client):
        assert (await client.get(path)).status_code == 200

    talk(conversation, settings=WITH_KEY)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_nothing_is_changed_without_the_key(talk, method):
    async def conversation(client):
        run = (await client.post("/api/v1/runs", json={"project": "p", "name": "n"}, headers=bearer())).json()
        answer = await client.request(method, f"/api/v1/runs/{run['id']}", json={"name": "other"})
        assert answer.status_code == 401
        found = await client.get(f"/api/v1/runs/{run['id']}", headers=bearer())
        assert found.json()["name"] == "n"

    talk(conversation, settings=WITH_KEY)


def test_a_page_leads_to_the_login_and_back(talk):
    async def conversation(client):
        answer = await client.get("/compare?runs=a,b&x=1", headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2Fcompare%3Fruns%3Da%2Cb%26x%3D1"
        page = await client.get(answer.headers["location"])
        assert 'name="key"' in page.text
        done = await client.post(answer.headers["location"], data={"key": KEY})
        assert (done.status_code, done.headers["location"]) == (303, "/compare?runs=a,b&x=1")
        assert (await client.get("/api/v1/runs")).status_code == 200
        created = await client.post("/api/v1/runs", json={"project": "p", "name": "n"})
        assert created.status_code == 201

    talk(conversation, settings=WITH_KEY)


def test_the_cookie_is_signed_http_only_and_same_site(talk):
    async def conversation(client):
        answer = await client.post("/login", data={"key": KEY})
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        value = client.cookies["trainvitals_session"]
        assert KEY not in value
        client.cookies.clear()
        for forged in ("configured", value[:-2] + "xx", "configured." + value.split(".", 1)[1][::-1], ""):
            answer = await client.get("/api/v1/runs", headers={"cookie": f"trainvitals_session={forged}"})
            assert answer.status_code == 401

    talk(conversation, settings=WITH_KEY)


def test_the_cookie_travels_by_https_alone_and_under_its_path_where_the_public_address_says_so(talk):
    async def conversation(client):
        answer = await client.get("/", headers=HTML)
        assert answer.headers["location"] == "/vitals/login?next=%2F"
        answer = await client.post("/login?next=/runs/a", data={"key": KEY})
        assert answer.headers["location"] == "/vitals/runs/a"
        assert {"Secure", "Path=/vitals"} <= set(answer.headers["set-cookie"].split("; "))

    talk(conversation, settings={**WITH_KEY, "public_url": "https://example.org/vitals/"})


def test_routes_answer_with_and_without_the_prefix_of_the_public_address(talk):
    async def conversation(client):
        for path in ("/api/v1/runs", "/vitals/api/v1/runs", "/vitals/healthz"):
            assert (await client.get(path)).status_code == 200

    talk(conversation, settings={"public_url": "http://127.0.0.1/vitals"})


def test_a_wrong_key_is_told_on_the_page(talk):
    async def conversation(client):
        for form in ({"key": "wrong"}, {"key": ""}, {}):
            answer = await client.post("/login", data=form)
            assert answer.status_code == 401
            assert "not known" in answer.text
            assert "set-cookie" not in answer.headers

    talk(conversation, settings=WITH_KEY)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/a\nb", ""],
)
def test_the_login_leads_to_no_other_site(talk, target):
    async def conversation(client):
        answer = await client.post("/login", params={"next": target}, data={"key": KEY})
        assert answer.headers["location"] == "/"

    talk(conversation, settings=WITH_KEY)


def test_what_stands_in_next_is_escaped_on_the_page(talk):
    async def conversation(client):
        page = await client.get("/login", params={"next": '/"><script>alert(1)</script>'})
        assert "<script" not in page.text

    talk(conversation, settings=WITH_KEY)


class Time:
    """A clock that goes on when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_created_key_closes_the_server_and_a_revoked_one_opens_nothing(talk, make_app):
    app, time = make_app(), Time()
    keys = app.state.services.store.api_keys
    app.state.services.keys._clock = time

    async def conversation(client):
        assert (await client.get("/api/v1/runs")).status_code == 200
        first, other = keys.create("first"), keys.create("other")
        time.now += 1
        assert (await client.get("/api/v1/runs")).status_code == 401
        assert (await client.get("/api/v1/runs", headers=bearer(first))).status_code == 200
        await client.post("/login", data={"key": first})
        assert (await client.get("/api/v1/runs")).status_code == 200
        keys.revoke("first")
        time.now += 1
        assert (await client.get("/api/v1/runs", headers=bearer(first))).status_code == 401
        assert (await client.get("/api/v1/runs")).status_code == 401, "the session of a revoked key"
        assert (await client.get("/api/v1/runs", headers=bearer(other))).status_code == 200

    talk(conversation, app=app)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "192.168.0.7"])
def test_without_a_key_a_foreign_host_name_is_refused(talk, host):
    async def conversation(client):
        for path in ("/api/v1/runs", "/", "/metrics"):
            answer = await client.get(path, headers={"host": host})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "host_refused")
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200

    talk(conversation)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765", "127.0.0.2"])
def test_without_a_key_the_names_of_loopback_are_answered(talk, host):
    async def conversation(client):
        assert (await client.get("/api/v1/runs", headers={"host": host})).status_code == 200

    talk(conversation)


def test_the_public_name_is_answered_without_a_key(talk):
    async def conversation(client):
        assert (await client.get("/api/v1/runs", headers={"host": "example.org"})).status_code == 200

    talk(conversation, settings={"public_url": "https://example.org"})


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8765"])
def test_a_page_of_another_origin_changes_nothing(talk, origin):
    async def conversation(client):
        for method, path in (("POST", "/api/v1/runs"), ("DELETE", "/api/v1/runs/x"), ("POST", "/login")):
            answer = await client.request(method, path, headers={"origin": origin})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_refused")

    talk(conversation)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8765", "https://example.org"])
def test_our_own_pages_may_change_things(talk, origin):
    async def conversation(client):
        body = {"project": "p", "name": "n"}
        assert (await client.post("/api/v1/runs", json=body, headers={"origin": origin})).status_code == 201

    talk(conversation, settings={"public_url": "https://example.org"})


def test_a_session_does_not_help_a_page_of_another_origin(talk):
    async def conversation(client):
        await client.post("/login", data={"key": KEY})
        body = {"project": "p", "name": "n"}
        evil = {"origin": "https://evil.example"}
        assert (await client.post("/api/v1/runs", json=body, headers=evil)).status_code == 403
        assert (await client.post("/api/v1/runs", json=body, headers=evil | bearer())).status_code == 201

    talk(conversation, settings=WITH_KEY)
