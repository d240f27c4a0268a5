"""The spool: what is appended comes back in order, whatever dies in between."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainvitals import spool as spooling
from trainvitals.segment import Segment
from trainvitals.spool import Spool, SpoolFull, SpoolInUse
from trainvitals.spooled import Spooled
from trainvitals_wire.encoding import encode
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report


def report(sequence: int, key: str = "loss") -> Report:
    frame = Frame((key,), np.array([sequence]), np.array([1.0]), np.array([[float(sequence)]]))
    return Report("writer", sequence, (frame,))


def drain_one(spool: Spool) -> Spooled:
    oldest = spool.oldest()
    assert oldest is not None
    spool.acknowledge()
    return oldest


def drained(spool: Spool) -> list[tuple[int, str, float]]:
    found = []
    while (oldest := spool.oldest()) is not None:
        frame = oldest.report().frames[0]
        found.append((oldest.sequence, frame.keys[0], float(frame.values[0, 0])))
        spool.acknowledge()
    return found


def test_reports_come_back_in_order(tmp_path: Path) -> None:
    with Spool(tmp_path / "s") as spool:
        for sequence in range(1, 101):
            spool.append(report(sequence))
        found = drained(spool)
    assert found == [(sequence, "loss", float(sequence)) for sequence in range(1, 101)]


def test_another_process_takes_up_what_was_left(tmp_path: Path) -> None:
    first = Spool(tmp_path / "s")
    for sequence in range(1, 6):
        first.append(report(sequence, "a" if sequence < 3 else "b"))
    first.close(remove=False)
    with Spool(tmp_path / "s") as second:
        assert second.last_sequence == 5
        second.append(report(6))
        keys = [key for _, key, _ in drained(second)]
    assert keys == ["a", "a", "b", "b", "b", "loss"]


def test_a_record_that_death_cut_short_ends_the_spool_and_harms_nothing(tmp_path: Path) -> None:
    first = Spool(tmp_path / "s")
    for sequence in (1, 2, 3):
        first.append(report(sequence))
    first.close(remove=False)
    (segment,) = (tmp_path / "s").glob("*.reports")
    segment.write_bytes(segment.read_bytes()[:-5])
    with Spool(tmp_path / "s") as second:
        assert [sequence for sequence, _, _ in drained(second)] == [1, 2]


def test_segments_that_are_sent_are_removed_and_each_can_be_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "SEGMENT_BYTES_MAX", 2_000)
    spool = Spool(tmp_path / "s")
    for sequence in range(1, 61):
        spool.append(report(sequence))
    paths = sorted((tmp_path / "s").glob("*.reports"))
    assert len(paths) > 3
    for _ in range(40):
        spool.acknowledge()
    assert len(list((tmp_path / "s").glob("*.reports"))) < len(paths)
    spool.close(remove=False)
    with Spool(tmp_path / "s") as again:
        left = [sequence for sequence, _, _ in drained(again)]
    assert left == list(range(left[0], 61)) and 1 < left[0] <= 41


def test_two_processes_never_share_a_spool(tmp_path: Path) -> None:
    first = Spool(tmp_path / "s")
    with pytest.raises(SpoolInUse):
        Spool(tmp_path / "s")
    first.close(remove=False)
    Spool(tmp_path / "s").close(remove=True)
    assert not (tmp_path / "s").exists()


def test_what_was_sent_is_the_bytes_that_stand_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    monkeypatch.setattr(spooling, "encode", lambda *args: encoded.append(args) or encode(*args))
    with Spool(tmp_path / "s") as spool:
        spool.append(report(1))
        spool.append(report(2))
        bodies = [drain_one(spool).body for _ in range(2)]
        (segment,) = (tmp_path / "s").glob("*.reports")
        assert b"".join(len(body).to_bytes(4, "little") + body for body in bodies) == segment.read_bytes()
    assert len(encoded) == 2 and len(bodies[1]) < len(bodies[0])


def test_a_report_can_change_its_writer_and_stay_the_same(tmp_path: Path) -> None:
    with Spool(tmp_path / "s") as spool:
        spool.append(report(1))
        spool.append(report(2))
        drain_one(spool)
        second = drain_one(spool)
    renamed = second.by("the-servers-name-for-it").report()
    assert renamed.writer_id == "the-servers-name-for-it" and renamed.frames[0].values[0, 0] == 2.0
    assert second.by("writer") is second


class FullDisk:
    """A file that takes some bytes and then no more."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        written = int(self.file.write(data[: self.room]))
        self.room -= written
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def test_a_full_disk_loses_nothing_while_the_process_lives(tmp_path: Path) -> None:
    with Spool(tmp_path / "s") as spool:
        spool.append(report(1))
        segment = spool._segments[-1]
        real, segment._open = segment._open, FullDisk(segment._open, 100)
        spool.append(report(2))
        assert spool.disk_error is not None and "No space left" in str(spool.disk_error)
        spool.append(report(3, "other"))
        segment._open = real
        spool.append(report(4, "other"))
        assert spool.disk_error is None
        assert [report.sequence for _, _, report in Segment(segment.path).records()] == [1, 4]
        assert drained(spool) == [(1, "loss", 1.0), (2, "loss", 2.0), (3, "other", 3.0), (4, "other", 4.0)]


def test_past_the_bound_of_the_memory_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "HOMELESS_BYTES_MAX", 300)
    with Spool(tmp_path / "s") as spool:
        spool.append(report(1))
        spool._segments[-1]._open = FullDisk(spool._segments[-1]._open, 0)
        with pytest.raises(SpoolFull, match="No space left"):
            for sequence in range(2, 100):
                spool.append(report(sequence))
        kept = [sequence for sequence, _, _ in drained(spool)]
    assert kept == list(range(1, len(kept) + 1)) and 2 <= len(kept) < 10


def test_a_spool_on_disk_is_read_back_where_it_outgrew_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "MEMORY_BYTES_MAX", 300)
    with Spool(tmp_path / "s") as spool:
        for sequence in range(1, 9):
            spool.append(report(sequence))
        assert sum(waiting.body is None for waiting in spool._waiting) >= 5
        assert [sequence for sequence, _, _ in drained(spool)] == list(range(1, 9))
