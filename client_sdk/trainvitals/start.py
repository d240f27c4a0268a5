"""`tv.init`: checks the arguments, makes the run at the server or, without one, in the spool."""

import contextlib
import itertools
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainvitals import current, environment, exit_hooks, ranks
from trainvitals.disabled import DisabledRun
from trainvitals.errors import Error
from trainvitals.guard import Guard
from trainvitals.identity import readable_name, time_ordered
from trainvitals.link import CREATE_SECONDS_MAX, Link
from trainvitals.meeting import WAIT_SECONDS_MAX, Meeting
from trainvitals.plain import plain
from trainvitals.ranks import Rank
from trainvitals.run import Run
from trainvitals.settings import Settings, one_of, resolve
from trainvitals.spool import Spool
from trainvitals.terminal import Terminal
from trainvitals.transport.contract import Busy, Refused, Request, Transport, Unreachable
from trainvitals_wire.limits import NAME_LENGTH_MAX

RUN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
ASK_AGAIN_SECONDS = 0.1
ADVICE = {
    401: "Set TRAINVITALS_API_KEY or api_key=... to a key of this server (`trainvitals keys create`).",
    403: "Set TRAINVITALS_API_KEY or api_key=... to a key of this server that may write.",
    404: 'resume="must" needs a run that exists; check id=..., or use resume="allow".',
    409: 'Use resume="allow" to go on with this run, or another id=... for a new one.',
}


def init(
    project: str = "default",
    name: str | None = None,
    config: Any = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    group: str | None = None,
    id: str | None = None,  # noqa: A002 the contract's name
    resume: str = "never",
    mode: str = "online",
    server: str | None = None,
    api_key: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 the contract's name
    on_critical: str = "continue",
    *,
    terminal: str | None = None,
    transport: Transport | None = None,
) -> Run:
    """Start a run and make it the current one; see docs/sdk.md for each argument.

    Raises Error for wrong arguments, a refused key or a resume conflict. A server that is away is no error: the run
    is spooled to disk and sent when it is back. `terminal`
    is "all", "warnings" or "nothing"; `transport` takes the place of HTTP, for tests.
    """
    settings = resolve(
        mode=mode, server=server, api_key=api_key, directory=dir, on_critical=on_critical, terminal=terminal
    )
    said = Terminal(settings.says)
    request = _request(project, name, config, tags, notes, group, id, one_of("resume", resume, _RESUME), said)
    if settings.mode == "disabled":
        run: Run = DisabledRun(request.project, request.name, request.config)
    else:
        run = _started(request, settings, transport, said, named=id is not None)
    current.become(run)
    return run


_RESUME = ("never", "allow", "must")


def _started(request: Request, settings: Settings, transport: Transport | None, terminal: Terminal, named: bool) -> Run:
    # A transport of the caller's own leads nowhere where other processes could meet.
    rank = ranks.find() if transport is None else None
    if rank is None:
        return _begun(request, settings, transport, terminal)
    meeting = Meeting(rank, next(_started_before))
    return (
        _leading(meeting, rank, request, settings, terminal, named)
        if rank.leads
        else (_following(meeting, rank, request, settings, terminal, named))
    )


_started_before = itertools.count(1)


def _leading(
    meeting: Meeting, rank: Rank, request: Request, settings: Settings, terminal: Terminal, named: bool
) -> Run:
    try:
        run = _begun(meeting.led(request, named), settings, None, terminal, rank=rank)
    except BaseException:
        meeting.publish(None)
        raise
    meeting.publish(run.id, run.first_step)
    return run


def _following(
    meeting: Meeting, rank: Rank, request: Request, settings: Settings, terminal: Terminal, named: bool
) -> Run:
    quiet = Terminal("nothing" if settings.says == "nothing" else "warnings", f"rank {rank.number}: ")
    if (joining := meeting.joining(request, named)) is not None:
        with contextlib.suppress(NoSuchRun):
            return _begun(joining[0], settings, None, quiet, rank=rank, first_step=joining[1])
    terminal.warn(
        f"rank {rank.number} of {rank.count} did not learn which run rank 0 made, so it has one of its own. "
        f"Call tv.init on every rank, after init_process_group, or give all of them the same id=..."
    )
    return _begun(meeting.alone(request, time_ordered), settings, None, terminal)


class NoSuchRun(Exception):
    """Rank 0 has not made the run in time."""


def _begun(
    request: Request,
    settings: Settings,
    transport: Transport | None,
    terminal: Terminal,
    *,
    rank: Rank | None = None,
    first_step: int | None = None,
) -> Run:
    guard = Guard(settings.on_fault, terminal=terminal)
    spool = _spool(settings.directory, request.id)
    if settings.mode == "offline":
        transport = None
    elif transport is None:
        from trainvitals.transport.http import HttpTransport

        transport = HttpTransport(settings.server, settings.api_key)
    follows = rank is not None and not rank.leads
    link = Link(transport, request, spool, terminal, follows=follows, first_step=first_step)
    _connect(link, terminal, patience_seconds=WAIT_SECONDS_MAX if follows and request.resume == "must" else 0.0)
    run = Run(
        run_id=request.id,
        project=request.project,
        name=request.name,
        config=request.config,
        link=link,
        spool=spool,
        guard=guard,
        on_critical=settings.on_critical,
        on_finish=exit_hooks.forget,
        rank=rank,
    )
    exit_hooks.remember(run)
    run.start()
    return run


def _connect(link: Link, terminal: Terminal, *, patience_seconds: float) -> None:
    if link.offline:
        terminal.news(f"offline: the run is written to {link.directory}; send it with `trainvitals sync`")
        return
    try:
        _reach(link, patience_seconds)
    except (Unreachable, Busy) as error:
        link.postpone()
        terminal.warn(f"no server yet ({error}): the run is written to {link.directory} and sent when it is there")
        return
    except Refused as error:
        link.abandon()
        if patience_seconds and error.status == 404:
            raise NoSuchRun from error
        advice = ADVICE.get(error.status)
        raise Error(f"{error.message.rstrip('.')}. {advice}" if advice else str(error)) from error
    except Exception:
        link.abandon()
        raise
    terminal.news(f"view the run at {link.url}")


def _reach(link: Link, patience_seconds: float) -> None:
    """Make the run, or join one that another rank is about to make."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return link.connect(CREATE_SECONDS_MAX)
        except Refused as error:
            if error.status != 404 or time.monotonic() >= deadline:
                raise
        time.sleep(ASK_AGAIN_SECONDS)


def _spool(directory: Path, run_id: str) -> Spool:
    try:
        return Spool(directory / run_id / time_ordered())
    except OSError as error:
        raise Error(
            f"dir={str(directory)!r} cannot be written ({error}): choose another with dir=... or TRAINVITALS_DIR"
        ) from error


def _request(
    project: str,
    name: str | None,
    config: Any,
    tags: Sequence[str],
    notes: str | None,
    group: str | None,
    run_id: str | None,
    resume: str,
    terminal: Terminal,
) -> Request:
    for label, value in (("project", project), ("name", name), ("group", group), ("notes", notes), ("id", run_id)):
        if (value is not None or label == "project") and not isinstance(value, str):
            raise Error(f"{label}={value!r} is no text")
    for label, value in (("project", project), ("name", name), ("group", group)):
        if value is not None and not 0 < len(value.strip()) <= NAME_LENGTH_MAX:
            raise Error(f"{label} needs 1 to {NAME_LENGTH_MAX} characters")
    if run_id is not None and not RUN_ID.fullmatch(run_id):
        raise Error(f"id={run_id!r} may have 1 to 64 letters, digits, '-', '_' and '.'")
    if resume == "must" and run_id is None:
        raise Error('resume="must" needs id=..., the run to go on with')
    return Request(
        project=project,
        name=name or readable_name(),
        id=run_id or time_ordered(),
        resume=resume,
        config=_config(config, terminal),
        tags=_tags(tags),
        group=group,
        notes=notes,
        environment=_environment(),
    )


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    if (
        not isinstance(tags, Iterable)
        or isinstance(tags, str)
        or not all(isinstance(tag, str) and 0 < len(tag) <= NAME_LENGTH_MAX for tag in tags)
    ):
        raise Error(f"tags={tags!r} must be a list of texts")
    return tuple(tags)


def _config(config: Any, terminal: Terminal) -> dict[str, Any]:
    odd: list[str] = []
    mapping = config if isinstance(config, Mapping) or config is None else getattr(config, "__dict__", None)
    if mapping is None and config is not None:
        raise Error(f"config must be a dictionary, not {type(config).__name__}")
    found: dict[str, Any] = plain(dict(mapping or {}), odd)
    if odd:
        terminal.warn(f"config has numbers that are not finite, stored as text: {', '.join(odd)}")
    return found


def _environment() -> dict[str, Any]:
    with contextlib.suppress(Exception):
        return environment.describe()
    return {}
