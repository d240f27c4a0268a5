"""A value that is computed when it is first asked for, and kept."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801
    """As `functools.cached_property`, without its lock, which before Python 3.12 costs as much as a small array's sum.

    For objects that one thread holds.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, owner: None, of: type) -> "lazy[Value]": ...

    @overload
    def __get__(self, owner: object, of: type) -> Value: ...

    def __get__(self, owner: object | None, of: type) -> "Value | lazy[Value]":
        if owner is None:
            return self
        found = owner.__dict__[self._name] = self._compute(owner)
        return found
