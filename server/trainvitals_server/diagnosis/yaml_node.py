"""A place in a YAML file: what is expected there, and messages that name the line."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml


class RulesFileError(Exception):
    """A rules file cannot be used; the message says where, what is wrong, and what would be right."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's numbers: 1e-4 is one, which PyYAML's own loader takes for text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the file, and what it is called in messages."""

    file: str
    name: str
    node: yaml.Node

    def wrong(self, message: str) -> RulesFileError:
        """An error at this place."""
        return RulesFileError(f"{self.file}, line {self.node.start_mark.line + 1}: {message}")

    def entries(self) -> dict[str, "Node"]:
        """The values of a mapping by their names."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"{self.name} must be a mapping of names to values, not {self._kind()}.")
        found: dict[str, Node] = {}
        for key, value in self.node.value:
            name = str(key.value)
            if name in found:
                raise Node(self.file, name, key).wrong(f"{name} stands twice in {self.name}.")
            found[name] = Node(self.file, name, value)
        return found

    def known(self, names: Mapping[str, Any] | set[str] | frozenset[str], kind: str) -> dict[str, "Node"]:
        """The same, where each name must be one of `names`."""
        found = self.entries()
        for name, node in found.items():
            if name not in names:
                near = get_close_matches(name, names, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names)) or 'none'}."
                raise node.wrong(f"{self.name} has no {kind} {name!r}; {hint}")
        return found

    def items(self) -> Iterator["Node"]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong(f"{self.name} must be a list (lines that begin with a dash), not {self._kind()}.")
        for child in self.node.value:
            yield Node(self.file, self.name, child)

    def text(self) -> str:
        """A text that says something."""
        value = self.value()
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{self.name} must be a text, not {self._kind()}.")
        return value

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of them."""
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(item.text() for item in self.items())
        return (self.text(),)

    def number(self, default: float) -> float:
        """A number of the kind of its default (`threshold.Threshold`)."""
        value = self.value()
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.wrong(f"{self.name} must be a number, not {self._kind()}.")
        if isinstance(default, int) and (value != int(value) or value < 1):
            raise self.wrong(f"{self.name} is a count: a whole number from 1 on, not {value:g}.")
        if value < 0:
            raise self.wrong(f"{self.name} must not be negative, and is {value:g}.")
        return int(value) if isinstance(default, int) else float(value)

    def steps(self) -> int:
        """A number of steps, 0 included."""
        value = self.value()
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.wrong(f"{self.name} must be a whole number of steps, 0 or more, not {self._kind()}.")
        return value

    def value(self) -> Any:
        """A scalar as YAML reads it; None for a list or a mapping."""
        if not isinstance(self.node, yaml.ScalarNode):
            return None
        return _Loader("").construct_object(self.node)

    def _kind(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        return f"{self.node.value!r}" if self.node.value else "nothing"


def parse(text: str, file: str) -> Node:
    """The root of a YAML text; raises RulesFileError where it is no YAML, or empty."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise RulesFileError(f"{file}{where}: this is no YAML: {getattr(error, 'problem', None) or error}.") from error
    if root is None:
        raise RulesFileError(f"{file} is empty; a rules file begins with `version: 1`.")
    return Node(file, "the file", root)


def read(path: Path) -> Node:
    """The root of a YAML file; raises RulesFileError where it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RulesFileError(f"{path} cannot be read: {reason}.") from error
    return parse(text, str(path))
