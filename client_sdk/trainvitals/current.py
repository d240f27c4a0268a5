"""The current run: what `tv.log`, `tv.watch`, `tv.alert` and `tv.finish` act on."""

from collections.abc import Mapping
from typing import Any

from trainvitals import terminal
from trainvitals.run import Run

_current: list[Run] = []


def become(run: Run) -> None:
    """Make a run the current one; the one before stays open."""
    _current[:] = [run]


def get() -> Run | None:
    """The current run, None before the first `init`."""
    return _current[0] if _current else None


def log(values: Mapping[str, Any], step: int | None = None) -> None:
    """`Run.log` of the current run."""
    run = _needed("log")
    if run is not None:
        run.log(values, step)


def watch(model: Any, optimizer: Any = None, criterion: Any = None, **options: Any) -> None:
    """`Run.watch` of the current run."""
    run = _needed("watch")
    if run is not None:
        run.watch(model, optimizer, criterion, **options)


def unwatch(model: Any = None) -> None:
    """`Run.unwatch` of the current run."""
    run = _needed("unwatch")
    if run is not None:
        run.unwatch(model)


def alert(title: str, text: str = "", level: Any = "info", step: int | None = None) -> None:
    """`Run.alert` of the current run."""
    run = _needed("alert")
    if run is not None:
        run.alert(title, text, level, step)


def finish() -> None:
    """`Run.finish` of the current run."""
    run = _needed("finish")
    if run is not None:
        run.finish()


_said: set[str] = set()


def _needed(name: str) -> Run | None:
    run = get()
    if run is None and name not in _said:
        _said.add(name)
        terminal.line(f"tv.{name} was called before tv.init: nothing is stored")
    return run
