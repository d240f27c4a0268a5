"""A report as it arrives: decoded, and refused where no database could hold its names."""

from trainvitals_server.storage import plain
from trainvitals_wire.encoding import decode
from trainvitals_wire.errors import MalformedReport
from trainvitals_wire.frame import columns_id
from trainvitals_wire.report import Report


def read_report(body: bytes, columns: dict[str, tuple[str, ...]]) -> Report:
    """The report that the bytes say; column lists that came with it are added to `columns`. Raises WireError."""
    try:
        report = decode(body, columns=columns.get)
    except UnicodeError as error:
        raise MalformedReport(f"a series key is not valid Unicode: {error}") from error
    for text in (report.writer_id, *(histogram.key for histogram in report.histograms)):
        if plain.text(text) != text:
            raise MalformedReport(f"{text!r} is not valid Unicode without NUL")
    for frame in report.frames:
        if not any(frame.keys is keys for keys in list(columns.values())):
            columns[columns_id(frame.keys)] = frame.keys
    return report
