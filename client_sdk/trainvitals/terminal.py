"""The lines the SDK says on standard error, all in one form."""

import contextlib
import sys

from trainvitals_wire.records import WarningEntry

SAID_SEVERITIES = ("warning", "critical")
"""Notes are drawn on the page and never pushed."""


def line(message: str) -> None:
    """One line; a closed or missing standard error is no reason to fail."""
    with contextlib.suppress(Exception):
        print(f"trainvitals: {message}", file=sys.stderr, flush=True)


def warning(entry: WarningEntry) -> None:
    """One line for a new warning of the server."""
    severity = str(entry.get("severity", "warning"))
    if severity in SAID_SEVERITIES:
        remedy = entry.get("remedy") or ""
        line(f"{severity.upper()}: {entry.get('summary', entry.get('rule', ''))}. {remedy}".rstrip())
