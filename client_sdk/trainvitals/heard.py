"""What the server found in the run so far: kept for the script, and said in the terminal."""

from collections.abc import Sequence

from trainvitals.guard import Guard
from trainvitals.incidents import Incidents
from trainvitals_wire.records import WarningEntry

WARNINGS_MAX = 10_000


class Heard:
    """`warnings`: each once, as it was told last. `critical`: the last one that fires and is critical."""

    def __init__(self, guard: Guard, *, says: bool = True) -> None:
        self._guard = guard
        self._says = says
        self._places: dict[str, int] = {}
        self.incidents = Incidents()
        self.warnings: list[WarningEntry] = []
        self.critical: WarningEntry | None = None

    def hear(self, found: Sequence[WarningEntry]) -> None:
        """The warnings of one answer of the server."""
        for message in self.incidents.news(found):
            if self._says:
                self._guard.terminal.warn(message)
        for entry in found:
            self._keep(entry)
            if entry.get("severity") == "critical" and entry.get("state", "firing") == "firing":
                self.critical = entry

    def _keep(self, entry: WarningEntry) -> None:
        """A warning that became critical is told again: it takes its own place."""
        place = self._places.setdefault(entry.get("id", ""), len(self.warnings))
        if place < len(self.warnings) and entry.get("id"):
            self.warnings[place] = entry
        elif len(self.warnings) < WARNINGS_MAX:
            self.warnings.append(entry)
