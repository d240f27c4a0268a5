"""The spool: what is appended comes back in order, whatever dies in between."""

from pathlib import Path

import numpy as np
import pytest

from trainvitals import spool as spooling
from trainvitals.spool import Spool, SpoolInUse
from trainvitals_wire.frame import Frame
from trainvitals_wire.report import Report


def report(sequence: int, key: str = "loss") -> Report:
    frame = Frame((key,), np.array([sequence]), np.array([1.0]), np.array([[float(sequence)]]))
    return Report("writer", sequence, (frame,))


def drained(spool: Spool) -> list[tuple[int, str, float]]:
    found = []
    while (oldest := spool.oldest()) is not None:
        frame = oldest.frames[0]
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
