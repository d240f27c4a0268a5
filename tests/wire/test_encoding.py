"""The binary report survives the trip, and bytes that are no report are refused with a reason."""

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from trainvitals_wire.encoding import compressed, decode, encode, renamed, writer_of
from trainvitals_wire.errors import MalformedReport, TooLarge, UnknownColumns, UnsupportedVersion, WireError
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.histogram import BUCKETS, Histogram
from trainvitals_wire.limits import REPORT_UNPACKED_BYTES_MAX, STEP_MAX
from trainvitals_wire.report import Report

key = st.text(st.characters(codec="utf-8", exclude_characters="\n\x00"), min_size=1, max_size=40)
finite_time = st.floats(0, 4e9)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    keys = tuple(draw(st.lists(key, min_size=1, max_size=6, unique=True)))
    n = draw(st.integers(1, 5))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return Frame(
        keys,
        np.array(draw(st.lists(st.integers(0, STEP_MAX), min_size=n, max_size=n)), dtype=np.int64),
        np.array(draw(st.lists(finite_time, min_size=n, max_size=n))),
        draw(npst.arrays(dtype, (n, len(keys)))),
    )


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    edges = draw(st.none() | st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=9, unique=True).map(sorted))
    size = BUCKETS if edges is None else len(edges) - 1
    used = draw(st.lists(st.integers(0, size - 1), unique=True, max_size=min(size, 8)))
    return Histogram(
        draw(key),
        draw(st.integers(0, STEP_MAX)),
        draw(finite_time),
        np.array(sorted(used), dtype=np.uint16),
        np.array([draw(st.integers(1, 2**40)) for _ in used], dtype=np.uint64),
        draw(st.integers(0, 2**40)),
        None if edges is None else np.array(edges),
    )


reports = st.builds(
    Report,
    writer_id=key,
    sequence=st.integers(1, 2**40),
    frames=st.lists(frames(), max_size=3).map(tuple),
    histograms=st.lists(histograms(), max_size=3).map(tuple),
    facts=st.lists(st.fixed_dictionaries({"kind": key, "step": st.integers(0, STEP_MAX)}), max_size=2).map(tuple),
    dropped=st.dictionaries(key, st.integers(0, 10**9), max_size=3),
    capture=st.dictionaries(key, st.integers(), max_size=3),
)


def assert_same(one: Report, other: Report) -> None:
    assert (one.writer_id, one.sequence, one.facts) == (other.writer_id, other.sequence, other.facts)
    assert (one.dropped, one.capture, one.layers) == (other.dropped, other.capture, other.layers)
    assert len(one.frames) == len(other.frames)
    for a, b in zip(one.frames, other.frames, strict=True):
        assert a.keys == b.keys
        assert a.values.dtype == b.values.dtype
        np.testing.assert_array_equal(a.steps, b.steps)
        np.testing.assert_array_equal(a.times, b.times)
        np.testing.assert_array_equal(a.values, b.values)
    assert len(one.histograms) == len(other.histograms)
    for c, d in zip(one.histograms, other.histograms, strict=True):
        assert (c.key, c.step, c.time, c.nonfinite) == (d.key, d.step, d.time, d.nonfinite)
        np.testing.assert_array_equal(c.dense(), d.dense())
        assert (c.edges is None) == (d.edges is None)
        if c.edges is not None:
            np.testing.assert_array_equal(c.edges, d.edges)


@given(reports, st.booleans())
def test_a_report_survives_the_round_trip(report: Report, compress: bool) -> None:
    assert_same(decode(encode(report, compress=compress)), report)


@given(reports, st.booleans())
def test_another_writer_and_less_room_change_nothing_else(report: Report, compress: bool) -> None:
    body = encode(report, compress=compress)
    assert_same(replace(decode(renamed(body, "other")), writer_id=report.writer_id), report)
    assert_same(decode(compressed(body)), report)
    assert writer_of(renamed(body, "other")) == "other"


@given(frames())
def test_a_known_column_list_travels_as_its_identifier_alone(frame: Frame) -> None:
    report = Report("w", 1, (frame,))
    identifier = columns_id(frame.keys)
    body = encode(report, {identifier})
    assert_same(decode(body, {identifier: frame.keys}.get), report)
    with pytest.raises(UnknownColumns) as caught:
        decode(body)
    assert caught.value.columns_id == identifier


@given(st.binary(max_size=200))
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        decode(body)


@given(reports, st.data())
def test_a_truncated_report_is_refused(report: Report, data: st.DataObject) -> None:
    body = encode(report)
    with pytest.raises(MalformedReport):
        decode(body[: data.draw(st.integers(0, len(body) - 1))])


@given(reports, st.data())
def test_a_damaged_report_is_refused(report: Report, data: st.DataObject) -> None:
    body = bytearray(encode(report))
    body[data.draw(st.integers(16, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(MalformedReport):
        decode(bytes(body))


def with_header(header: bytes, arrays: bytes = b"") -> bytes:
    """A body whose prefix is right, whatever the rest says."""
    rest = header + arrays
    return struct.pack("<4sHHII", b"TVR1", 1, 0, len(header), zlib.crc32(rest)) + rest


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"writer_id": "w", "sequence": 0}', "sequence"),
        (b'{"writer_id": "w", "sequence": 1, "frames": [1]}', "frames"),
        (b'{"writer_id": "w", "sequence": 1, "histograms": [{"used": 4}]}', "arrays end too early"),
        (b'{"writer_id": "w", "sequence": 1, "facts": [{"kind": "x", "step": -1}]}', "step -1"),
        (b'{"writer_id": "w", "sequence": 1, "dropped": {"queue_full": "many"}}', "queue_full"),
        (b'{"writer_id": "w", "sequence": 1, "layers": [{}]}', "name"),
    ],
)
def test_a_wrong_header_is_refused_with_the_reason(header: bytes, reason: str) -> None:
    with pytest.raises(MalformedReport, match=reason):
        decode(with_header(header))


def test_bytes_behind_the_last_array_are_refused() -> None:
    with pytest.raises(MalformedReport, match="8 bytes too many"):
        decode(with_header(b'{"writer_id":"w","sequence":1}', bytes(8)))


def test_an_announced_size_is_never_trusted() -> None:
    header = (
        b'{"writer_id":"w","sequence":1,"frames":[{"columns":"%s","keys":["a"],"steps":65536,"series":1,"type":"f8"}]}'
    )
    with pytest.raises(MalformedReport, match="arrays end too early"):
        decode(with_header(header % columns_id(("a",)).encode()))


def test_another_version_is_named() -> None:
    body = bytearray(encode(Report("w", 1)))
    body[4] = 9
    with pytest.raises(UnsupportedVersion, match="version 9"):
        decode(bytes(body))


def test_a_small_body_cannot_unpack_without_end() -> None:
    rest = zlib.compress(bytes(REPORT_UNPACKED_BYTES_MAX + 1), 1)
    with pytest.raises(TooLarge):
        decode(struct.pack("<4sHHII", b"TVR1", 1, 1, 8, zlib.crc32(rest)) + rest)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ('{"name": "a", "order": "first"}', "order"),
        ('{"name": "a", "order": -1}', "order"),
        ('{"name": "a", "type": 3}', "type"),
        ('{"name": "a", "output_shape": [1.5]}', "output_shape"),
        ('{"name": "a", "parameters": [{"name": "w", "shape": {}}]}', "shape"),
        ('{"name": "a", "parameters": [{"name": "w", "dtype": null}]}', "dtype"),
        ('{"name": "a", "parameters": [{"name": "w", "trainable": 1}]}', "trainable"),
    ],
)
def test_a_layer_that_no_page_could_show_is_refused(layer: str, reason: str) -> None:
    with pytest.raises(MalformedReport, match=reason):
        decode(with_header(f'{{"writer_id": "w", "sequence": 1, "layers": [{layer}]}}'.encode()))


@pytest.mark.parametrize("field", ['"details": 3', '"owner": 3', '"where": null', '"type": []', '"parameters": [1]'])
def test_a_fact_that_no_rule_could_read_is_refused(field: str) -> None:
    with pytest.raises(MalformedReport, match=field.split('"')[1]):
        decode(
            with_header(f'{{"writer_id": "w", "sequence": 1, "facts": [{{"kind": "k", "step": 0, {field}}}]}}'.encode())
        )


def test_what_a_layer_leaves_out_is_put_in() -> None:
    header = b'{"writer_id": "w", "sequence": 1, "layers": [{"name": "a", "parameters": [{"name": "w"}]}]}'
    parameter = {"name": "w", "shape": [], "dtype": "", "trainable": True, "in_optimizer": True}
    layer = {"name": "a", "type": "", "order": 0, "output_shape": None, "parameters": [parameter]}
    assert decode(with_header(header)).layers == (layer,)


@pytest.mark.parametrize(
    ("buckets", "counts", "nonfinite"), [([1, 1], [2, 3], 0), ([1], [2**64 - 1], 0), ([1], [1], 2**62)]
)
def test_a_histogram_whose_counts_could_be_lost_is_refused(
    buckets: list[int], counts: list[int], nonfinite: int
) -> None:
    histogram = Histogram("h", 0, 0.0, np.array(buckets, np.uint16), np.array(counts, np.uint64), nonfinite)
    with pytest.raises(MalformedReport):
        decode(encode(Report("w", 1, histograms=(histogram,))))
