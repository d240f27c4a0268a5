"""Compressed answers, ETags and caching."""

import gzip

from starlette.responses import Response

from trainvitals_server.layers import compression

SCRIPT = ("let vitals = 1;\n" * 1000).encode()


def with_asset(app, body=SCRIPT, media_type="text/javascript"):
    @app.get("/assets/{name}")
    async def asset(name):
        return Response(body, media_type=media_type)

    @app.get("/_dash-component-suites/{name}")
    async def suite(name):
        return Response(body, media_type=media_type)

    return app


def test_a_static_file_is_compressed_once_and_has_a_strong_etag(talk, make_app, monkeypatch):
    calls = []

    def compress(body, level, *, mtime):
        calls.append(level)
        return gzip.compress(body, level, mtime=mtime)

    class Gzip:
        pass

    Gzip.compress = staticmethod(compress)
    monkeypatch.setattr(compression, "gzip", Gzip)

    async def conversation(client):
        first = await client.get("/assets/live.js?m=17")
        second = await client.get("/assets/live.js?m=17")
        assert first.content == second.content == SCRIPT
        assert first.headers["content-encoding"] == "gzip"
        assert first.headers["vary"].lower() == "accept-encoding"
        assert int(first.headers["content-length"]) < len(SCRIPT) / 10
        assert first.headers["etag"] == second.headers["etag"]
        assert not first.headers["etag"].startswith("W/")
        again = await client.get("/assets/live.js?m=17", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    talk(conversation, app=with_asset(make_app()))
    assert calls == [9]


def test_only_fingerprinted_files_may_be_kept_for_good(talk, make_app):
    async def conversation(client):
        for path in ("/assets/a.js?m=17", "/_dash-component-suites/dash_renderer.v4_4_1m17.min.js"):
            assert "immutable" in (await client.get(path)).headers["cache-control"]
        for path in ("/assets/a.js", "/_dash-component-suites/plain.js"):
            assert (await client.get(path)).headers["cache-control"] == "no-cache"

    talk(conversation, app=with_asset(make_app()))


def test_who_does_not_ask_for_gzip_gets_the_file_as_it_is_with_another_etag(talk, make_app):
    async def conversation(client):
        plain = await client.get("/assets/live.js", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == SCRIPT
        assert plain.headers["etag"] != (await client.get("/assets/live.js")).headers["etag"]

    talk(conversation, app=with_asset(make_app()))


def test_pictures_are_left_alone(talk, make_app):
    async def conversation(client):
        answer = await client.get("/assets/a.png")
        assert "content-encoding" not in answer.headers
        assert answer.content == SCRIPT

    talk(conversation, app=with_asset(make_app(), media_type="image/png"))


def test_a_large_answer_is_compressed_and_a_small_one_is_not(talk):
    async def conversation(client):
        small = await client.get("/healthz")
        assert "content-encoding" not in small.headers
        large = await client.get("/api/v1/openapi.json")
        assert large.headers["content-encoding"] == "gzip"
        assert large.json()["info"]["title"] == "trainvitals"
        assert "etag" not in large.headers

    talk(conversation)
