"""Ids made by the application: UUIDs of version 7 (RFC 9562), which sort by the time they were made."""

import secrets
from collections.abc import Callable


def new_id(clock: Callable[[], float]) -> str:
    """32 hexadecimal digits: 48 bits of milliseconds, then the version, the variant and 74 random bits."""
    milliseconds = int(clock() * 1000) & (2**48 - 1)
    random_a, random_b = secrets.randbits(12), secrets.randbits(62)
    return f"{milliseconds << 80 | 7 << 76 | random_a << 64 | 2 << 62 | random_b:032x}"
