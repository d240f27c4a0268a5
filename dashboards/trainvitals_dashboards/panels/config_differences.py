"""Where the configs of several runs differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from trainvitals_dashboards.number_format import ABSENT
from trainvitals_wire.records import RunDetail


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A nested config as dotted names and texts."""
    found: dict[str, str] = {}
    for name, value in config.items():
        if isinstance(value, Mapping) and value:
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = value if isinstance(value, str) else json.dumps(value, default=str)
    return found


def differences(configs: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The names whose values are not the same everywhere, with the value of each config."""
    flats = [flat(config) for config in configs]
    names = sorted({name for config in flats for name in config})
    rows = {name: [config.get(name, ABSENT) for config in flats] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def config_differences(runs: Sequence[RunDetail]) -> Any:
    """The table, or a sentence where there is no difference."""
    rows = differences([run["config"] for run in runs])
    if not rows:
        return html.P("The configs of these runs are the same.", className="quiet")
    head = html.Thead(html.Tr([html.Th("value", scope="col"), *(html.Th(run["name"], scope="col") for run in runs)]))
    body = [
        html.Tr([html.Th(name, scope="row"), *(html.Td(value) for value in values)]) for name, values in rows.items()
    ]
    table = html.Table([head, html.Tbody(body)], className="config", **{"aria-label": "Config values that differ"})
    return html.Div(table, className="scroll")
