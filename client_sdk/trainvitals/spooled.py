"""A report as it stands in the spool: encoded once, sent as it is."""

from dataclasses import dataclass, replace

from trainvitals_wire.encoding import decode, renamed
from trainvitals_wire.report import Report
from trainvitals_wire.report_body import Columns


@dataclass(frozen=True, slots=True)
class Spooled:
    """The bytes of a report; the keys of a column list stand in the first that needs it, and `columns` knows them."""

    writer_id: str
    sequence: int
    body: bytes
    columns: Columns

    def report(self) -> Report:
        """What the bytes say."""
        return decode(self.body, self.columns)

    def by(self, writer_id: str) -> "Spooled":
        """The same in the name that the server gave the writer, which may come after the first reports."""
        if writer_id == self.writer_id:
            return self
        return replace(self, writer_id=writer_id, body=renamed(self.body, writer_id))
