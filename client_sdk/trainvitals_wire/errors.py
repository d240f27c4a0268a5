"""What can be wrong with a message.

WireError
├── MalformedReport     the bytes are not a report: where and why
├── UnsupportedVersion  the bytes are a report of a version this side does not speak
├── UnknownColumns      a frame refers to a column list that the other side was never told
└── TooLarge            a limit of `trainvitals_wire.limits` is passed
"""

from trainvitals_wire.version import WIRE_VERSION


class WireError(ValueError):
    """A message that cannot be read."""


class MalformedReport(WireError):
    """The bytes are not a report."""


class TooLarge(WireError):
    """The message passes a limit."""


class UnsupportedVersion(WireError):
    """The report was written by another version of the wire format."""

    def __init__(self, version: int) -> None:
        super().__init__(f"report is of wire version {version}; this side speaks version {WIRE_VERSION}")
        self.version = version


class UnknownColumns(WireError):
    """A frame names a column list by its identifier alone, and the reader does not know it."""

    def __init__(self, columns_id: str) -> None:
        super().__init__(f"column list {columns_id} is unknown; send the report again with its keys")
        self.columns_id = columns_id
