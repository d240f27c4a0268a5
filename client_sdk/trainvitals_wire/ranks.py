"""The series of one rank among the processes of a training: `rank1/loss`, `system/rank1/cpu_percent`."""

import re

RANK = re.compile(r"(system/)?rank(\d+)/(.+)", re.DOTALL)
_SYSTEM = "system/"
COUNTS = ("activation_count", "weight_count")
"""Statistics that tell how many elements a rank's share of a layer's output, or of a parameter, stands for."""


def rank_key(rank: int, key: str) -> str:
    """The key under which a rank tells its own value of a series."""
    if key.startswith(_SYSTEM):
        return f"{_SYSTEM}rank{rank}/{key.removeprefix(_SYSTEM)}"
    return f"rank{rank}/{key}"


def split_rank(key: str) -> tuple[int | None, str]:
    """The rank and the series of a key; `(None, key)` for one that is the whole run's."""
    found = RANK.fullmatch(key)
    return (None, key) if found is None else (int(found[2]), (found[1] or "") + found[3])
