"""The lines of a run on standard error, all in one form, and which of them are said."""

import contextlib
import sys
from typing import Literal

Says = Literal["all", "warnings", "nothing"]


def line(message: str) -> None:
    """One line; a closed or missing standard error is no reason to fail."""
    with contextlib.suppress(Exception):
        print(f"trainvitals: {message}", file=sys.stderr, flush=True)


class Terminal:
    """`says` is "all", "warnings" (what is wrong, without the lines of a run's start and end) or "nothing".

    `speaker` stands in front of each line, where several processes share a terminal.
    """

    def __init__(self, says: Says = "all", speaker: str = "") -> None:
        self._says = says
        self._speaker = speaker

    def news(self, message: str) -> None:
        """How it goes: a link, a summary."""
        if self._says == "all":
            line(self._speaker + message)

    def warn(self, message: str) -> None:
        """What is wrong, with the run or with the way to its server."""
        if self._says != "nothing":
            line(self._speaker + message)
