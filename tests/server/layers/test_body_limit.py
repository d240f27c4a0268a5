"""Bodies that are too large."""

import http.client
import json
import tracemalloc

import pytest

from trainvitals_wire.encoding import CONTENT_TYPE
from trainvitals_wire.limits import JSON_BYTES_MAX, REPORT_BYTES_MAX

MIB = 2**20


@pytest.mark.parametrize(
    ("path", "bytes_max", "content_type"),
    [
        ("/api/v1/runs", JSON_BYTES_MAX, "application/json"),
        ("/login", JSON_BYTES_MAX, "application/x-www-form-urlencoded"),
        ("/api/v1/runs/x/reports", REPORT_BYTES_MAX, CONTENT_TYPE),
        ("/api/v1/nothing", JSON_BYTES_MAX, "text/plain"),
    ],
)
def test_a_body_over_the_limit_of_its_route_is_refused_announced_or_not(talk, path, bytes_max, content_type):
    async def pieces():
        for _ in range(bytes_max // MIB + 1):
            yield bytes(MIB)

    async def conversation(client):
        for content in (bytes(bytes_max + 1), pieces()):
            answer = await client.post(path, content=content, headers={"content-type": content_type})
            if path != "/api/v1/nothing" or isinstance(content, bytes):
                assert answer.status_code == 413
                assert answer.json()["error"]["code"] == "too_large"
                assert answer.headers["x-content-type-options"] == "nosniff"

    talk(conversation)


@pytest.mark.parametrize("length", ["-1", "many", "1e9"])
def test_a_length_that_is_no_number_is_refused(talk, length):
    async def conversation(client):
        answer = await client.post("/api/v1/runs", headers={"content-length": length})
        assert 400 <= answer.status_code < 500

    talk(conversation)


@pytest.mark.parametrize("announced", [True, False])
def test_100_megabytes_are_refused_without_being_kept_and_the_connection_lives_on(make_app, serve, announced):
    def pieces():
        piece = bytes(MIB)
        for _ in range(100):
            yield piece

    with serve(make_app()) as address:
        connection = http.client.HTTPConnection(address, timeout=60)
        headers = {"content-type": CONTENT_TYPE} | ({"content-length": str(100 * MIB)} if announced else {})
        tracemalloc.start()
        connection.request("POST", "/api/v1/runs/x/reports", pieces(), headers, encode_chunked=not announced)
        answer = connection.getresponse()
        error = json.loads(answer.read())["error"]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (answer.status, error["code"]) == (413, "too_large")
        assert peak < (4 if announced else 2.5 * REPORT_BYTES_MAX / MIB) * MIB
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
