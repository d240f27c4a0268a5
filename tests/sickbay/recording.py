"""A recording: the reports of one training as a server gets them, kept on disk, with how the training went."""

import hashlib
import json
import math
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport
from trainvitals_wire.encoding import decode, encode
from trainvitals_wire.report import Report

from .case import Case

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("SICKBAY_FOLDER", ROOT / ".sickbay"))
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Course:
    """How a training went: `score` on what was held out (0 to 1), processor seconds, and which files it came from."""

    score: float
    seconds: float
    fingerprint: str
    sdk: str
    log_freq: int | None


@cache
def sdk_fingerprint() -> str:
    """Changes with any file of the SDK that is in use."""
    files = sorted(Path(tv.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def record(case: Case, log_freq: int | None = None) -> tuple[Course, list[Report]]:
    """Train a case, watched by the SDK with a transport in memory."""
    torch.set_num_threads(1)
    torch.manual_seed(case.seed)
    training, transport, began = case.training(), MemoryTransport(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = tv.init(project="sickbay", transport=transport, dir=folder, terminal="nothing")
        with run:
            score = training.run(run, {} if log_freq is None else {"log_freq": log_freq})
    seconds = time.process_time() - began
    course = Course(score if math.isfinite(score) else 0.0, seconds, case.fingerprint, sdk_fingerprint(), log_freq)
    return course, transport.reports


def path_of(case: Case) -> Path:
    """Where a case is kept."""
    return FOLDER / f"{case.key}.reports"


def save(case: Case, course: Course, reports: list[Report]) -> None:
    """Keep a recording, whole or not at all."""
    path = path_of(case)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [json.dumps(asdict(course)).encode(), *(encode(report, compress=True) for report in reports)]
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(b"".join(_LENGTH.pack(len(part)) + part for part in parts))
    unfinished.replace(path)


def load(case: Case) -> tuple[Course, list[Report]] | None:
    """A kept recording, None where there is none."""
    path = path_of(case)
    if not path.exists():
        return None
    first, *rest = _parts(path.read_bytes())
    return Course(**json.loads(first)), [decode(part) for part in rest]


def course_of(case: Case) -> Course | None:
    """How a kept training went, without reading its reports."""
    path = path_of(case)
    if not path.exists():
        return None
    with path.open("rb") as file:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        found: dict[str, Any] = json.loads(file.read(length))
    return Course(**found)


def _parts(body: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(body):
        (length,) = _LENGTH.unpack_from(body, place)
        place += _LENGTH.size
        yield body[place : place + length]
        place += length
