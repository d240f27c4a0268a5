"""The bytes of a report.

Layout, little-endian::

    magic "TVR1"   u16 version   u16 flags   u32 header bytes   u32 CRC-32 of all that follows
    header: JSON (UTF-8), padded with spaces to a multiple of 8
    arrays: each padded with zeros to a multiple of 8, in the order the header lists them

Flag 1: all that follows the prefix is zlib-compressed (the CRC is of the compressed bytes).
A frame's column list travels once; later frames name it by its identifier.
"""

import struct
import zlib
from collections.abc import Collection

from trainvitals_wire import report_body
from trainvitals_wire import report_check as check
from trainvitals_wire.errors import MalformedReport, TooLarge, UnsupportedVersion
from trainvitals_wire.limits import REPORT_UNPACKED_BYTES_MAX
from trainvitals_wire.report import Report
from trainvitals_wire.report_body import Columns
from trainvitals_wire.version import WIRE_VERSION

CONTENT_TYPE = "application/vnd.trainvitals.report"
MAGIC = b"TVR1"
COMPRESSED = 1
_PREFIX = struct.Struct("<4sHHII")


def encode(report: Report, known_columns: Collection[str] = (), *, compress: bool = False) -> bytes:
    """The bytes of a report; frames whose column list is in `known_columns` leave its keys out."""
    header, arrays = report_body.write(report, known_columns)
    body = _packed(len(header), header + arrays)
    return compressed(body) if compress else body


def compressed(body: bytes) -> bytes:
    """The same report, packed; raises WireError where the bytes are none."""
    header_bytes, rest = _unpack(body)
    return _packed(header_bytes, zlib.compress(rest, 1), COMPRESSED)


def renamed(body: bytes, writer_id: str) -> bytes:
    """The same report in the name of another writer; raises WireError where the bytes are none."""
    header_bytes, rest = _unpack(body)
    header = report_body.header({**check.header(rest[:header_bytes]), "writer_id": writer_id})
    return _packed(len(header), header + rest[header_bytes:])


def decode(body: bytes, columns: Columns = lambda _: None) -> Report:
    """Read a report.

    Raises UnsupportedVersion, TooLarge, UnknownColumns, or MalformedReport with the place and the reason.
    """
    header_bytes, rest = _unpack(body)
    if header_bytes > len(rest):
        raise MalformedReport(f"header of {header_bytes} bytes announced, {len(rest)} bytes follow")
    return report_body.read(rest[:header_bytes], rest[header_bytes:], columns)


def writer_of(body: bytes) -> str:
    """Who wrote a report, without reading its arrays; raises WireError like `decode`."""
    header_bytes, rest = _unpack(body)
    return check.text(check.header(rest[:header_bytes]), "writer_id")


def _packed(header_bytes: int, rest: bytes, flags: int = 0) -> bytes:
    return _PREFIX.pack(MAGIC, WIRE_VERSION, flags, header_bytes, zlib.crc32(rest)) + rest


def _unpack(body: bytes) -> tuple[int, bytes]:
    if len(body) < _PREFIX.size or body[:4] != MAGIC:
        raise MalformedReport(f"not a report: a report starts with {MAGIC.decode()!r} and {_PREFIX.size} bytes")
    _, version, flags, header_bytes, crc = _PREFIX.unpack_from(body)
    if version != WIRE_VERSION:
        raise UnsupportedVersion(version)
    if flags & ~COMPRESSED:
        raise MalformedReport(f"unknown flags {flags:#x} at byte 6")
    rest = body[_PREFIX.size :]
    if zlib.crc32(rest) != crc:
        raise MalformedReport(f"checksum does not fit the {len(rest)} bytes that follow: truncated or damaged")
    return header_bytes, _decompress(rest) if flags & COMPRESSED else rest


def _decompress(rest: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(rest, REPORT_UNPACKED_BYTES_MAX)
    except zlib.error as error:
        raise MalformedReport(f"compressed part cannot be read: {error}") from error
    if unpacker.unconsumed_tail:
        raise TooLarge(f"report unpacks to more than {REPORT_UNPACKED_BYTES_MAX} bytes")
    if not unpacker.eof:
        raise MalformedReport("compressed part ends too early")
    return unpacked
