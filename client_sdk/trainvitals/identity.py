"""Who a run is: an identifier that sorts by time, and a name that a person can say."""

import os
import time

ADJECTIVES = """
amber bold brave bright calm clear cool crisp deep eager early fair fleet fresh gentle golden grand green happy keen
kind late light lively lucky mellow mild neat noble polished proud quick quiet rapid ripe rosy sharp shy silver smooth
snowy soft steady still sunny swift tidy vivid warm wise young
"""
NOUNS = """
acorn aspen badger beacon birch brook canyon cedar cloud comet coral crane dawn delta dune eagle ember falcon fern finch
fjord forest fox garden glacier grove harbor hawk heron hill island lagoon lake lark maple meadow mesa moon moss oak
ocean otter owl peak pine plain pond prairie rain raven reef ridge river robin shore sky sparrow spring star stone
stream summit swan thicket tide trail valley wave willow wind wolf wren
"""


def readable_name() -> str:
    """Like `quick-heron-42`; drawn from the system, so that the user's random state stays as it is."""
    return f"{_one_of(ADJECTIVES.split())}-{_one_of(NOUNS.split())}-{1 + _chance(999)}"


def time_ordered() -> str:
    """32 hexadecimal digits as of UUID version 7: 48 bits of milliseconds, then chance."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return f"{number:032x}"


def _one_of(words: list[str]) -> str:
    return words[_chance(len(words))]


def _chance(below: int) -> int:
    return int.from_bytes(os.urandom(8), "big") % below
