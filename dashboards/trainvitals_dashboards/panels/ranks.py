"""Which ranks of a training of several processes report to a run."""

import re
from typing import Any

from dash import html

from trainvitals_wire.records import RunDetail

RANK = re.compile(r"rank(\d+)")


def ranks(run: RunDetail) -> html.Span | None:
    """How many ranks of how many, who they are as a tooltip; None for a run of one process."""
    environment = run["environment"]
    count = environment.get("world_size")
    if not isinstance(count, int) or count <= 1:
        return None
    processes = {0: environment, **{int(found[1]): environment[key] for key, found in _others(environment)}}
    who = "\n".join(f"rank {number}: {_process(processes[number])}" for number in sorted(processes))
    title = f"Processes that report to this run; its own numbers are those of rank 0.\n{who}"
    return html.Span(f"{len(processes)} of {count} ranks", className="ranks", title=title)


def _others(environment: dict[str, Any]) -> list[tuple[str, re.Match[str]]]:
    return [
        (key, found)
        for key, value in environment.items()
        if isinstance(value, dict) and (found := RANK.fullmatch(key)) is not None
    ]


def _process(facts: dict[str, Any]) -> str:
    return f"process {facts.get('process', '?')} on {facts.get('host', '?')}"
