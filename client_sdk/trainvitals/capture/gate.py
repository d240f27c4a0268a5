"""The gate: whether layers are looked at, as compiled graphs ask it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Gate:
    """Plain flags that a graph is specialised on: open and shut have a graph each, and shut is the bare one.

    `training`, `evaluation`: whether the coming pass of that phase is sampled; `open`: the one that goes on.
    `compiled`: a layer was looked at inside a graph. `passed_shut`: the graph without looks has had its chance.
    """

    training: bool = False
    evaluation: bool = False
    open: bool = False
    compiled: bool = False
    passed_shut: bool = False
