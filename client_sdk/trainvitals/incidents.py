"""The incidents of a run: each is said once, and once more when it becomes critical."""

from collections.abc import Iterable, Iterator

from trainvitals_wire.causes import CAUSES
from trainvitals_wire.records import SEVERITIES, Severity, WarningEntry

SAID: tuple[Severity, ...] = ("warning", "critical")
"""Notes are drawn on the page and never pushed."""


class Incidents:
    """Groups warnings by the incident that the server sees behind them; one without stands for itself."""

    def __init__(self) -> None:
        self._severities: dict[str, Severity] = {}

    def __len__(self) -> int:
        return len(self._severities)

    @property
    def critical(self) -> int:
        """How many of them are critical."""
        return sum(1 for severity in self._severities.values() if severity == "critical")

    def news(self, found: Iterable[WarningEntry]) -> Iterator[str]:
        """One line for each incident that is new or has become critical; of one answer the worst warning speaks.

        What is resolved or muted by now is no news.
        """
        firing = [entry for entry in found if entry.get("state", "firing") == "firing"]
        for entry in sorted(firing, key=lambda entry: -SEVERITIES.index(_severity(entry))):
            severity, incident = _severity(entry), _incident(entry)
            known = self._severities.get(incident)
            if severity in SAID and (known is None or (severity == "critical" and known != "critical")):
                self._severities[incident] = severity
                yield _line(entry)


def _severity(entry: WarningEntry) -> Severity:
    severity = entry.get("severity")
    return severity if severity in SEVERITIES else "warning"


def _incident(entry: WarningEntry) -> str:
    return entry.get("incident") or entry.get("id") or f"{entry.get('rule')} {entry.get('layer')}"


def _line(entry: WarningEntry) -> str:
    """`CRITICAL at step 640: Learning rate too high. Activation std 3.1 is ... Divide the learning rate by 3.`"""
    causes = entry.get("causes") or []
    cause = causes[0].get("cause", "") if causes else ""
    said = (CAUSES.get(cause, cause), entry.get("summary") or entry.get("rule"), entry.get("remedy"))
    step = entry.get("first_step")
    place = "" if step is None else f" at step {step}"
    return f"{_severity(entry).upper()}{place}: {' '.join(_sentence(text) for text in said if text)}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
