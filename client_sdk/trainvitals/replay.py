"""`tv.sync`: sends what runs have left on disk, in order, once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainvitals import terminal
from trainvitals.errors import Error
from trainvitals.settings import server_address
from trainvitals.spool import RUN_FILE, Spool, SpoolInUse, read_run
from trainvitals.transport.contract import Refused, Request, Transport, TransportError, Unacceptable

CREATE_SECONDS_MAX = 20.0


@dataclass(slots=True)
class Synced:
    """What `sync` did: runs and reports sent, spools left alone because a process writes to them, reports refused."""

    runs: int = 0
    reports: int = 0
    in_use: int = 0
    refused: int = 0


def sync(
    directory: str | os.PathLike[str],
    server: str | None = None,
    api_key: str | None = None,
    *,
    transport: Transport | None = None,
) -> Synced:
    """Send every run under `directory`, a spool or a folder of spools, and remove what the server has stored.

    Can be cut and repeated: the server knows each report by its writer and sequence, and a folder that is empty now is
    done. Raises Error for a folder of other things, and where the server is away or says no; what was not sent stays.
    """
    folder = Path(directory)
    found = sorted(path.parent for path in folder.rglob(RUN_FILE)) if folder.is_dir() else []
    done = Synced()
    if not found and folder.is_dir() and not any(path.is_file() for path in folder.rglob("*")):
        return done
    if not found:
        raise Error(
            f"{folder} holds no spooled run: give the folder that the run named, or one above it; what is sent leaves "
            f"the disk"
        )
    with _transport(server, api_key, transport) as way:
        for path in found:
            _sync_one(path, way, done)
    return done


def _sync_one(path: Path, transport: Transport, done: Synced) -> None:
    try:
        spool = Spool(path)
    except SpoolInUse:
        done.in_use += 1
        return
    try:
        _Replay(spool, read_run(path), transport, done).go()
        done.runs += 1
    except TransportError as error:
        raise Error(f"{path} is not sent whole: {error}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Error(f"{path} cannot be read: {error}") from error
    finally:
        spool.close(remove=False)


class _Replay:
    def __init__(self, spool: Spool, kept: dict[str, Any], transport: Transport, done: Synced) -> None:
        self._spool = spool
        self._kept = kept
        self._transport = transport
        self._done = done

    def go(self) -> None:
        request = _request(self._kept["request"])
        created = self._transport.create(request, timeout_seconds=CREATE_SECONDS_MAX)
        if not self._kept.get("writer_id"):
            # From now on the reports carry this name, whoever sends them how often.
            self._kept |= {"writer_id": created.writer_id}
            self._spool.write_run(self._kept)
        self._send_reports(created.id)
        self._send_ending(created.id)
        self._spool.close(remove=True)

    def _send_reports(self, run_id: str) -> None:
        while (report := self._spool.oldest()) is not None:
            try:
                self._transport.send(run_id, report.by(self._kept["writer_id"]))
                self._done.reports += 1
            except Unacceptable as error:
                self._done.refused += 1
                terminal.line(f"the server refused report {report.sequence} of run {run_id}: {error}")
            self._spool.acknowledge()

    def _send_ending(self, run_id: str) -> None:
        ending = self._kept.get("ending") or {}
        for alert in ending.get("alerts", ()):
            self._transport.alert(run_id, alert)
        if ending.get("change"):
            self._transport.change(run_id, ending["change"])


def _request(kept: dict[str, Any]) -> Request:
    request = Request(**{**kept, "tags": tuple(kept.get("tags", ()))})
    # A cut sync may have made the run already.
    return replace(request, resume="allow") if request.resume == "never" else request


@contextmanager
def _transport(server: str | None, api_key: str | None, given: Transport | None) -> Iterator[Transport]:
    if given is not None:
        yield given
        return
    from trainvitals.transport.http import HttpTransport

    way = HttpTransport(server_address(server), api_key or os.environ.get("TRAINVITALS_API_KEY") or None)
    try:
        yield way
    except Refused as error:
        raise Error(str(error)) from error
    finally:
        way.close()
