"""Finds the charts: every file of the `charts` folder is one."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go

from trainvitals_dashboards import charts
from trainvitals_dashboards.view import View
from trainvitals_wire.reader import Reader


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its name, what it shows (the file's own text), and the function that draws it."""

    name: str
    text: str
    draw: Callable[[Reader, View], go.Figure]


@cache
def all_charts() -> dict[str, Chart]:
    """The charts by name."""
    found = {}
    for entry in pkgutil.iter_modules(charts.__path__):
        module = importlib.import_module(f"{charts.__name__}.{entry.name}")
        found[entry.name] = Chart(entry.name, (module.__doc__ or "").strip(), module.draw)
    return found
