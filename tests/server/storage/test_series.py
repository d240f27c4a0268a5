"""The list of a run's series."""

import numpy as np
from report_sender import Sender, frame

from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store
from trainvitals_wire.histogram import Histogram


def test_every_series_has_its_kind_unit_range_and_count(store: Store, reader: StorageReader) -> None:
    sender = Sender(store)
    sender.log([0, 1, 2], loss=[3.0, 2.0, float("nan")])
    sender.send(frame({"step_seconds": [0.5, 0.25]}, [5, 3], np.float32))
    sender.send(frame({"system/cpu": [0.5], "eval/activation_std/a": [1.0], "loss": [4.0]}, [1]))
    sender.send(histograms=tuple(Histogram.of("weight/w", step, 0.0, np.zeros(2, np.float32)) for step in (4, 8)))
    names = ("key", "kind", "unit", "first_step", "last_step", "last_value", "count")
    assert [tuple(entry[name] for name in names) for entry in reader.series(sender.run_id)] == [  # type: ignore[literal-required]
        ("loss", "metric", "", 0, 2, None, 3),
        ("step_seconds", "statistic", "s", 3, 5, 0.5, 2),
        ("system/cpu", "system", "", 1, 1, 0.5, 1),
        ("eval/activation_std/a", "statistic", "", 1, 1, 1.0, 1),
        ("weight/w", "histogram", "", 4, 8, None, 2),
    ]


def test_a_run_without_data_has_none(store: Store, reader: StorageReader) -> None:
    assert reader.series(Sender(store).run_id) == []


def test_series_of_two_runs_do_not_mix(store: Store, reader: StorageReader) -> None:
    first, second = Sender(store), Sender(store)
    first.log([0], loss=[1.0])
    second.log([0], accuracy=[1.0])
    assert [entry["key"] for entry in reader.series(first.run_id)] == ["loss"]
    assert [entry["key"] for entry in reader.series(second.run_id)] == ["accuracy"]
