"""What the server tells Prometheus about itself, in a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from trainvitals_server.storage.contract import Committed

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Measures:
    """The counters and gauges of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.reports = Counter(
            "trainvitals_ingest_reports", "Reports by what became of them.", ["result"], registry=self.registry
        )
        self.points = Counter("trainvitals_ingest_points", "Numbers stored.", registry=self.registry)
        self.bytes = Counter("trainvitals_ingest_bytes", "Bytes of reports taken, as sent.", registry=self.registry)
        self.waiting = Gauge("trainvitals_reports_waiting", "Reports not stored yet.", registry=self.registry)
        self.passed_over = Gauge(
            "trainvitals_diagnosis_passed_over",
            "Reports that were not judged as they came, because too many waited; they are judged later.",
            registry=self.registry,
        )
        self.viewers = Gauge("trainvitals_viewers", "Open live channels.", registry=self.registry)
        self.ranges = Counter(
            "trainvitals_live_messages", "Messages of points sent to viewers.", registry=self.registry
        )
        self.requests = Histogram(
            "trainvitals_request_seconds",
            "Time to answer a request.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=self.registry,
        )

    def count_stored(self, committed: Committed) -> None:
        """Count the numbers of a report that was stored."""
        self.points.inc(sum(frame.values.size for frame in committed.report.frames))

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
