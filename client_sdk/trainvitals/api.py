"""`tv.Api`: reads runs over HTTP, by the same protocol that the pages read them in process."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from trainvitals.errors import Error
from trainvitals.settings import server_address
from trainvitals_wire.reader import NotFound
from trainvitals_wire.records import (
    Fact,
    Heatmap,
    HistogramColumns,
    Layer,
    Mute,
    Points,
    RunDetail,
    RunPage,
    SeriesEntry,
    Warnings,
)

if TYPE_CHECKING:
    from trainvitals.transport.connection import Answer

READ_SECONDS_MAX = 60.0


class Api:
    """A `trainvitals_wire.reader.Reader` of a server; safe to share between threads.

    Raises NotFound for an unknown run or series, and Error where the server is away or says no.
    """

    def __init__(self, server: str | None = None, api_key: str | None = None) -> None:
        from trainvitals.transport.connection import Connection

        key = api_key or os.environ.get("TRAINVITALS_API_KEY") or None
        self._connection = Connection(server_address(server), key)
        self._lock = threading.Lock()

    def runs(
        self,
        *,
        project: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        group: str | None = None,
        search: str | None = None,
        archived: bool = False,
        sort: str = "-created_at",
        limit: int = 100,
        cursor: str | None = None,
    ) -> RunPage:
        """A page of the run list; `sort` names a field of a run, `-` before it for the greatest first."""
        names = {"project": project, "status": status, "tag": tag, "group": group, "search": search}
        order = {"archived": archived, "sort": sort, "limit": limit, "cursor": cursor}
        return cast(RunPage, self._get("/runs", names | order))

    def run(self, run_id: str) -> RunDetail:
        """One run, whole."""
        return cast(RunDetail, self._get(_run(run_id)))

    def series(self, run_id: str) -> list[SeriesEntry]:
        """Every series of a run."""
        return cast(list[SeriesEntry], self._get(f"{_run(run_id)}/series")["series"])

    def data(
        self,
        run_id: str,
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> Points:
        """Series in at most `points` buckets over an inclusive window."""
        query = {"key": list(keys), "from": first_step, "to": last_step, "points": points}
        return cast(Points, self._get(f"{_run(run_id)}/data", query))

    def data_of_runs(
        self,
        run_ids: Sequence[str],
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> dict[str, Points]:
        """The same series of several runs, by run; a run that lacks one goes without it."""
        query = {"run": list(run_ids), "key": list(keys), "from": first_step, "to": last_step, "points": points}
        return cast(dict[str, Points], self._get("/data", query)["runs"])

    def histograms(
        self,
        run_id: str,
        key: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 200,
    ) -> HistogramColumns:
        """The histograms of one key, in at most `columns` columns."""
        query = {"key": key, "from": first_step, "to": last_step, "columns": columns}
        return cast(HistogramColumns, self._get(f"{_run(run_id)}/histograms", query))

    def heatmap(
        self,
        run_id: str,
        statistic: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 500,
    ) -> Heatmap:
        """One statistic of all layers over the steps."""
        query = {"run": run_id, "statistic": statistic, "from": first_step, "to": last_step, "columns": columns}
        return cast(Heatmap, self._get("/heatmap", query))

    def layers(self, run_id: str) -> list[Layer]:
        """The layers of a run in forward order."""
        return cast(list[Layer], self._get(f"{_run(run_id)}/layers")["layers"])

    def facts(self, run_id: str, kind: str, *, owner: str | None = None) -> list[Fact]:
        """The newest facts of one kind (of one owner), in the order in which they came."""
        query = {"kind": kind} if owner is None else {"kind": kind, "owner": owner}
        found = self._get(f"{_run(run_id)}/facts", query)
        return cast(list[Fact], found["facts"])

    def warnings(self, run_id: str) -> Warnings:
        """The warnings and incidents of a run, worst first, then by onset."""
        return cast(Warnings, self._get(f"{_run(run_id)}/warnings"))

    def mutes(self, run_id: str) -> list[Mute]:
        """The mutes of a run, the oldest first."""
        return cast(list[Mute], self._get(f"{_run(run_id)}/mutes")["mutes"])

    def close(self) -> None:
        """Close the connection; the next read opens another."""
        self._connection.close()

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        from urllib.parse import urlencode

        from trainvitals.transport.contract import Unreachable

        pairs = [(name, _text(item)) for name, value in (query or {}).items() for item in _several(value)]
        address = f"/api/v1{path}" + (f"?{urlencode(pairs)}" if pairs else "")
        try:
            with self._lock:
                answer = self._connection.ask("GET", address, None, None, timeout_seconds=READ_SECONDS_MAX)
        except Unreachable as error:
            raise Error(f"{error}. Is `trainvitals serve` running there?") from error
        return _value(answer)


def _run(run_id: str) -> str:
    from urllib.parse import quote

    return f"/runs/{quote(run_id, safe='')}"


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _value(answer: "Answer") -> dict[str, Any]:
    if answer.status == 404:
        raise NotFound(answer.code or "not_found", answer.message)
    if answer.status >= 300:
        raise Error(f"{answer.message} {answer.hint}".strip())
    return answer.value
