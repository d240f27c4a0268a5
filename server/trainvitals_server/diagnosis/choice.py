"""Which runs and layers an override or a mute is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from trainvitals_server.storage.contract import RunTraits

ANY_RUN = RunTraits()


@dataclass(frozen=True, slots=True)
class RunChoice:
    """Runs by shell patterns on project, name and tag, and by values of the configuration; all given must fit.

    A key of `config` may be dotted (`model.depth`); a text is a shell pattern, any other value must be equal.
    """

    project: str | None = None
    name: str | None = None
    tag: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, run: RunTraits) -> bool:
        """Whether a run is chosen."""
        return (
            (self.project is None or fnmatchcase(run.project, self.project))
            and (self.name is None or fnmatchcase(run.name, self.name))
            and (self.tag is None or any(fnmatchcase(tag, self.tag) for tag in run.tags))
            and all(_equal(_at(run.config, key), wanted) for key, wanted in self.config.items())
        )


def layer_fits(patterns: tuple[str, ...], layer: str | None) -> bool:
    """Whether a layer is chosen; without patterns any is, and `*` is what chooses none as well."""
    return not patterns or any(fnmatchcase(layer or "", pattern) for pattern in patterns)


def _at(config: Mapping[str, Any], key: str) -> Any:
    if key in config:
        return config[key]
    head, _, rest = key.partition(".")
    inner = config.get(head)
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else None


def _equal(value: Any, wanted: Any) -> bool:
    return fnmatchcase(str(value), wanted) if isinstance(wanted, str) else bool(value == wanted)
